package ad

import (
	"context"

	"github.com/go-ldap/ldap/v3"
)

// What is read of people and phones, for tests that hide each of it.
var (
	MailboxAttributes  = mailboxAttributes
	DeviceAttributes   = deviceAttributes
	SettingsAttributes = settingsAttributes
)

// Look reads one object as easbot's account does, and returns for each attribute of people whether it was shown, and
// whether the account's rights say that it could be.
func (d *Directory) Look(ctx context.Context, dn string) (shown, readable map[string]bool, err error) {
	shown, readable = map[string]bool{}, map[string]bool{}
	err = d.withSession(ctx, "look", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		e, err := s.searchOne(ctx, query{base: dn, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
			attrs: mailboxAttributes, sd: true})
		if err != nil {
			return err
		}
		o := n.see.look(e)
		shown["objectClass"] = !o.class.IsZero()
		for _, attr := range mailboxAttributes {
			if isAlwaysThere(attr) || attr == attrDescriptor {
				continue // a missing one is hidden, whatever the rights say
			}
			shown[attr] = len(e.GetEqualFoldRawAttributeValues(attr)) > 0
			readable[attr] = o.hiddenAttribute(attr) == nil
		}
		return nil
	})
	return shown, readable, err
}
