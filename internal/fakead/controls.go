package fakead

import (
	"fmt"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/jimlambrt/gldap"
)

// Controls that the directory understands.
const (
	controlPaged      = gldap.ControlTypePaging
	controlSDFlags    = "1.2.840.113556.1.4.801"
	controlPermissive = "1.2.840.113556.1.4.1413"
	// LDAP_SERVER_DOMAIN_SCOPE_OID: no referrals, and there are none anyway.
	controlDomain  = "1.2.840.113556.1.4.1339"
	controlDeleted = gldap.ControlTypeMicrosoftShowDeleted
)

var supportedControls = []string{controlPaged, controlSDFlags, controlPermissive, controlDomain, controlDeleted}

// controls are the request's controls taken apart; a critical one that is not understood is a failure.
type controls struct {
	paged      *gldap.ControlPaging
	sdFlags    int // -1 without the control
	permissive bool
}

func readControls(list []gldap.Control) (controls, *failure) {
	out := controls{sdFlags: -1}
	for _, c := range list {
		switch c := c.(type) {
		case *gldap.ControlPaging:
			out.paged = c
		case *gldap.ControlManageDsaIT:
			if c.Criticality {
				return out, errControl
			}
		case *gldap.ControlString:
			switch c.ControlType {
			case controlSDFlags:
				flags, err := sdFlags(c.ControlValue)
				if err != nil {
					return out, &failure{gldap.ResultProtocolError,
						"00000057: LdapErr: DSID-0C090D8A, comment: Error processing control, data 0"}
				}
				out.sdFlags = flags
			case controlPermissive:
				out.permissive = true
			case controlDomain:
			default:
				if c.Criticality {
					return out, errControl
				}
			}
		}
	}
	return out, nil
}

// sdFlags decodes SEQUENCE { flags INTEGER }.
func sdFlags(value string) (int, error) {
	p, err := ber.DecodePacketErr([]byte(value))
	if err != nil {
		return 0, fmt.Errorf("SD flags: %w", err)
	}
	if len(p.Children) == 1 {
		if n, ok := p.Children[0].Value.(int64); ok && n >= 0 && n <= 15 {
			return int(n), nil
		}
	}
	return 0, fmt.Errorf("SD flags: not one number from 0 to 15")
}
