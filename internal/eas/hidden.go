package eas

import (
	"cmp"
	"fmt"
	"strings"
)

// Right is what an account lacks for reading something, in the words of the directory's tools.
type Right string

// The rights that reading needs (MS-ADTS 5.1.3.2, 3.1.1.4.4).
const (
	RightReadProperty  Right = "Read Property"
	RightReadControl   Right = "Read Permissions"
	RightListContents  Right = "List Contents"
	RightControlAccess Right = "Control Access" // for attributes that the schema calls confidential
)

// Letters are the right's letters for dsacls and in SDDL; empty for an unknown one.
func (r Right) Letters() string {
	switch r {
	case RightReadProperty:
		return "RP"
	case RightReadControl:
		return "RC"
	case RightListContents:
		return "LC"
	case RightControlAccess:
		return "CA"
	default:
		return ""
	}
}

// Hidden says what of the directory could not be read, and why. It is an error that wraps ErrRefused.
type Hidden struct {
	Object    string `json:"object"`              // DN; empty when it is not known
	Attribute string `json:"attribute,omitempty"` // lDAPDisplayName; empty for the object, or what is below it
	Right     Right  `json:"right,omitempty"`     // what the account lacks; empty when that is not known
	Because   string `json:"because,omitempty"`   // the denying entry, or why nothing can be computed
	Grant     string `json:"grant,omitempty"`     // the dsacls line that would show it; empty when there is none
}

// What names the thing: "msExchDeviceID of CN=…".
func (h *Hidden) What() string {
	switch {
	case h.Attribute == "" && h.Object == "":
		return "a value of the directory"
	case h.Object == "":
		return h.Attribute
	case h.Attribute != "":
		return h.Attribute + " of " + Clean(h.Object, 1000)
	case h.Right == RightListContents:
		return "what is below " + Clean(h.Object, 1000)
	default:
		return Clean(h.Object, 1000)
	}
}

// Error says what is missing and what would mend it.
func (h *Hidden) Error() string {
	var b strings.Builder
	b.WriteString("this account may not read it")
	if h.Right != "" {
		fmt.Fprintf(&b, ": it lacks %q", string(h.Right))
	}
	if h.Because != "" {
		b.WriteString(" (" + Clean(h.Because, 300) + ")")
	}
	if h.Grant != "" {
		b.WriteString("; to grant it: " + h.Grant)
	}
	return b.String()
}

// Unwrap is ErrRefused.
func (h *Hidden) Unwrap() error { return ErrRefused }

// Source names what was to be read, for a list of what is missing.
func (h *Hidden) Source() string { return cmp.Or(h.What(), "directory") }
