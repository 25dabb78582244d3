package fakead

import (
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// dnKey is a DN in the form in which two spellings of one name are equal: lower case, escapes undone, parts joined by a
// character that no name holds. The empty key is the empty DN.
type dnKey string

const keySeparator = "\x00"

// parseDN reads a DN of RFC 4514.
func parseDN(dn string) (dnKey, error) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return "", fmt.Errorf("distinguished name: %w", err)
	}
	parts := make([]string, 0, len(parsed.RDNs))
	for _, rdn := range parsed.RDNs {
		var part strings.Builder
		for i, a := range rdn.Attributes {
			if i > 0 {
				part.WriteByte('+')
			}
			part.WriteString(strings.ToLower(a.Type) + "=" + strings.ToLower(a.Value))
		}
		if strings.Contains(part.String(), keySeparator) {
			return "", fmt.Errorf("distinguished name: zero character in %q", dn)
		}
		parts = append(parts, part.String())
	}
	return dnKey(strings.Join(parts, keySeparator)), nil
}

// parentKey returns the key of the object above; "" above a name of one part.
func (k dnKey) parentKey() dnKey {
	_, rest, _ := strings.Cut(string(k), keySeparator)
	return dnKey(rest)
}

// rdn returns attribute type and value of a DN's first part, in lower case and as spelled.
func firstRDN(dn string) (attr, value string, err error) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
		return "", "", fmt.Errorf("distinguished name without parts")
	}
	a := parsed.RDNs[0].Attributes[0]
	return strings.ToLower(a.Type), a.Value, nil
}
