package ad

import (
	"context"
	"fmt"

	"github.com/go-ldap/ldap/v3"

	"easbot/diag"
	"easbot/internal/adsec"
)

// readSchema reads the classes that permissions are compared with; the well-known GUIDs stand in for what is not shown.
func (s *session) readSchema(ctx context.Context, n *naming, o *organisation) error {
	o.Schema.From = n.schema
	o.Schema.Value = diag.WellKnown()
	found, err := s.searchAll(ctx, query{base: n.schema, scope: ldap.ScopeSingleLevel,
		filter: "(&(objectClass=classSchema)" + anyOf("lDAPDisplayName",
			[]string{"user", "inetOrgPerson", "msExchActiveSyncDevices", "msExchActiveSyncDevice"}) + ")",
		attrs: []string{"lDAPDisplayName", "schemaIDGUID", "defaultSecurityDescriptor"}})
	if err != nil {
		// Refused is no loss: the GUIDs are known. Not answered is: another controller will.
		var refused error
		return keepSourceError(err, &refused)
	}
	seen := 0
	for _, e := range found {
		g, err := adsec.GUIDFromBytes(e.GetEqualFoldRawAttributeValue("schemaIDGUID"))
		if err != nil {
			continue
		}
		seen++
		switch textOf(e, "lDAPDisplayName") {
		case "user":
			o.Schema.Value.User = g
		case "inetOrgPerson":
			o.Schema.Value.InetOrgPerson = g
		case "msExchActiveSyncDevice":
			o.Schema.Value.Device = g
		case "msExchActiveSyncDevices":
			o.Schema.Value.DevicesContainer = g
			o.Schema.Value.ContainerDefaultSD, o.Schema.Err = s.defaultDescriptor(ctx, n, e)
		}
	}
	o.Schema.Value.FromSchema = seen == 4
	return nil
}

// defaultDescriptor parses the descriptor that new device containers start with; nil when the class has none.
func (s *session) defaultDescriptor(ctx context.Context, n *naming, class *ldap.Entry) (*adsec.Descriptor, error) {
	sddl := textOf(class, "defaultSecurityDescriptor")
	if sddl == "" {
		return nil, nil
	}
	root, err := s.searchOne(ctx, query{base: n.root, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrSID}})
	if err != nil {
		return nil, wrapError("read the domain", s.url, err)
	}
	// "EA" and "SA" are groups of the forest's root domain: this one, or one whose SID hardly matters for a phone.
	sd, err := adsec.ParseSDDL(sddl, sidOf(root), sidOf(root))
	if err != nil {
		return nil, wrapError("read the schema", s.url, fmt.Errorf("default permissions of device containers: %w", err))
	}
	return sd, nil
}
