// Package adsec reads Windows security descriptors as Active Directory stores them, and answers what they grant: the access
// check and the inheritance of MS-DTYP 2.5.3. It is pure and panics on no bytes.
package adsec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// SID is a security identifier in its binary form (MS-DTYP 2.4.2.2), so that it is comparable; "" is none.
type SID string

// maxSubAuthorities is the most that a SID may have (MS-DTYP 2.4.2.2).
const maxSubAuthorities = 15

// errSID is wrapped by every error about a SID.
var errSID = errors.New("not a SID")

// SIDFromBytes reads a SID that takes up the whole of b.
func SIDFromBytes(b []byte) (SID, error) {
	n, err := sidSize(b)
	if err == nil && len(b) > n {
		err = fmt.Errorf("%w: %d bytes too many", errSID, len(b)-n)
	}
	if err != nil {
		return "", err
	}
	return SID(b), nil
}

// sidSize returns how many bytes the SID at the front of b takes up; 0 with an error.
func sidSize[T string | []byte](b T) (int, error) {
	if len(b) < 8 || b[0] != 1 || b[1] > maxSubAuthorities || len(b) < 8+4*int(b[1]) {
		return 0, fmt.Errorf("%w: %d bytes", errSID, len(b))
	}
	return 8 + 4*int(b[1]), nil
}

// ParseSID reads the text form, "S-1-5-21-…" (MS-DTYP 2.4.2.1). The authority may be hexadecimal.
func ParseSID(s string) (SID, error) {
	parts := strings.Split(s, "-")
	if len(parts) < 3 || len(parts) > 3+maxSubAuthorities || !strings.EqualFold(parts[0], "S") || parts[1] != "1" {
		return "", fmt.Errorf("%w: %.80q", errSID, s)
	}
	authority, err := strconv.ParseUint(parts[2], 0, 48)
	if err != nil || strings.HasPrefix(parts[2], "0") && len(parts[2]) > 1 && !strings.HasPrefix(strings.ToLower(parts[2]), "0x") {
		return "", fmt.Errorf("%w: authority %.20q", errSID, parts[2])
	}
	b := make([]byte, 8, 8+4*(len(parts)-3))
	binary.BigEndian.PutUint64(b, authority)
	b[0], b[1] = 1, byte(len(parts)-3)
	for _, p := range parts[3:] {
		sub, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return "", fmt.Errorf("%w: sub-authority %.20q", errSID, p)
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(sub))
	}
	return SID(b), nil
}

// MustSID is ParseSID for constants; it panics on a fault.
func MustSID(s string) SID {
	sid, err := ParseSID(s)
	if err != nil {
		panic(err)
	}
	return sid
}

// Bytes returns the binary form.
func (s SID) Bytes() []byte { return []byte(s) }

// String returns the text form; "" for none.
func (s SID) String() string {
	if len(s) < 8 {
		return ""
	}
	var a [8]byte
	copy(a[2:], s[2:8])
	authority := binary.BigEndian.Uint64(a[:])
	var b strings.Builder
	if authority >= 1<<32 {
		fmt.Fprintf(&b, "S-1-0x%012x", authority)
	} else {
		fmt.Fprintf(&b, "S-1-%d", authority)
	}
	for i := 8; i+4 <= len(s); i += 4 {
		fmt.Fprintf(&b, "-%d", binary.LittleEndian.Uint32([]byte(s[i:i+4])))
	}
	return b.String()
}

// RID returns the last sub-authority; 0 when there is none.
func (s SID) RID() uint32 {
	if len(s) < 12 {
		return 0
	}
	return binary.LittleEndian.Uint32([]byte(s[len(s)-4:]))
}

// DomainSID returns the SID without its last sub-authority; "" when there is none to take.
func (s SID) DomainSID() SID {
	if len(s) < 12 {
		return ""
	}
	b := []byte(s[:len(s)-4])
	b[1]--
	return SID(b)
}

// WithRID returns the SID with one more sub-authority; "" when s is none or full.
func (s SID) WithRID(rid uint32) SID {
	if len(s) < 8 || s[1] >= maxSubAuthorities {
		return ""
	}
	b := binary.LittleEndian.AppendUint32([]byte(s), rid)
	b[1]++
	return SID(b)
}

// Well-known SIDs (MS-DTYP 2.4.2.4).
var (
	Everyone              = MustSID("S-1-1-0")
	CreatorOwner          = MustSID("S-1-3-0")
	CreatorGroup          = MustSID("S-1-3-1")
	OwnerRights           = MustSID("S-1-3-4")
	EnterpriseDCs         = MustSID("S-1-5-9")
	Self                  = MustSID("S-1-5-10") // PRINCIPAL_SELF
	AuthenticatedUsers    = MustSID("S-1-5-11")
	System                = MustSID("S-1-5-18")
	NetworkService        = MustSID("S-1-5-20")
	BuiltinDomain         = MustSID("S-1-5-32")
	BuiltinAdministrators = MustSID("S-1-5-32-544")
)
