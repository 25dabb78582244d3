package ad

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// ruleInChain is LDAP_MATCHING_RULE_IN_CHAIN: membership through any number of groups (MS-ADTS 3.1.1.3.4.4.3).
const ruleInChain = "1.2.840.113556.1.4.1941"

// findGroup finds a group by DN or sAMAccountName.
func (s *session) findGroup(ctx context.Context, n *naming, name string) (*ldap.Entry, error) {
	q := query{base: n.root, scope: ldap.ScopeWholeSubtree, attrs: []string{attrSID, "sAMAccountName"},
		filter: "(&(objectClass=group)(sAMAccountName=" + ldap.EscapeFilter(name) + "))"}
	if strings.Contains(name, "=") {
		if dn, err := ldap.ParseDN(name); err == nil {
			q.base, q.scope, q.filter = dn.String(), ldap.ScopeBaseObject, "(objectClass=group)"
		}
	}
	e, err := s.searchOne(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("group %s: %w", name, err)
	}
	return e, nil
}

// fillServerToken reads what an Exchange server acts with: its own SID first, then its groups, Everyone and
// Authenticated Users. Without a server in the group, it is the group (first) and all groups that it is in.
func (s *session) fillServerToken(ctx context.Context, n *naming, servers string, o *organisation) error {
	o.ServerToken.From = "tokenGroups of a member of " + servers
	token, err := s.readServerToken(ctx, n, servers, o)
	if err == nil {
		o.ServerToken.Value = token
		o.GroupNames = s.sidNames(ctx, n, token)
	}
	return keepSourceError(err, &o.ServerToken.Err)
}

func (s *session) readServerToken(ctx context.Context, n *naming, servers string,
	o *organisation) ([]adsec.SID, error) {
	g, err := s.findGroup(ctx, n, servers)
	if err != nil {
		return nil, err
	}
	// Disabled accounts have bit 2 set; rule 803 is a bitwise "and".
	found, err := s.searchAll(ctx, query{base: n.root, scope: ldap.ScopeWholeSubtree, attrs: []string{attrSID, "name"},
		filter: "(&(objectClass=computer)(memberOf:" + ruleInChain + ":=" + ldap.EscapeFilter(g.DN) +
			")(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"})
	if err != nil {
		return nil, err
	}
	var token []adsec.SID
	if len(found) > 0 {
		token, err = s.tokenOfServer(ctx, found, o)
	} else {
		token, err = s.tokenOfGroup(ctx, n, g, o)
	}
	if err != nil {
		return nil, err
	}
	return append(token, adsec.Everyone, adsec.AuthenticatedUsers), nil
}

// tokenOfServer is what one of the servers acts with, and notes what they are all called.
func (s *session) tokenOfServer(ctx context.Context, servers []*ldap.Entry, o *organisation) ([]adsec.SID, error) {
	server := servers[0]
	for _, e := range servers {
		if name := textOf(e, "name"); name != "" {
			o.Servers = append(o.Servers, name)
		}
		if e.DN < server.DN {
			server = e // always the same one, whatever order the directory gives
		}
	}
	o.ServerToken.From = "tokenGroups of " + server.DN
	groups, err := s.searchOne(ctx, query{base: server.DN, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)",
		attrs: []string{attrTokenGroups}})
	if err != nil {
		return nil, err
	}
	nested, err := tokenGroupsOf(groups)
	if err != nil {
		return nil, err
	}
	if len(nested) == 0 || sidOf(server) == "" {
		return nil, fmt.Errorf("%w: this account may not read tokenGroups of %s", eas.ErrRefused, server.DN)
	}
	return append([]adsec.SID{sidOf(server)}, nested...), nil
}

// tokenOfGroup is the group without a server, and all groups that it is in.
func (s *session) tokenOfGroup(ctx context.Context, n *naming, g *ldap.Entry, o *organisation) ([]adsec.SID, error) {
	if err := s.refuseHiddenMembers(ctx, n, g); err != nil {
		return nil, err
	}
	o.ServerToken.From = g.DN + " and the groups it is in"
	above, err := s.searchAll(ctx, query{base: n.root, scope: ldap.ScopeWholeSubtree, attrs: []string{attrSID},
		filter: "(&(objectClass=group)(member:" + ruleInChain + ":=" + ldap.EscapeFilter(g.DN) + "))"})
	if err != nil {
		return nil, err
	}
	var token []adsec.SID
	for _, e := range append([]*ldap.Entry{g}, above...) {
		if id := sidOf(e); id != "" {
			token = append(token, id)
		}
	}
	return token, nil
}

// refuseHiddenMembers fails when a group has members that are no groups, or may have them: the servers are among them
// then, and are not shown.
func (s *session) refuseHiddenMembers(ctx context.Context, n *naming, g *ldap.Entry) error {
	g, err := s.searchOne(ctx, query{base: g.DN, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)", sd: true,
		attrs: []string{"objectClass", "member", attrDescriptor}})
	if err != nil {
		return err
	}
	members := g.GetEqualFoldAttributeValues("member")
	if len(members) == 0 {
		if h := n.see.look(g).hiddenAttribute("member"); h != nil {
			return h
		}
		return nil
	}
	for part := range slices.Chunk(members, filterCap) {
		groups, err := s.searchAll(ctx, query{base: n.root, scope: ldap.ScopeWholeSubtree, attrs: []string{"1.1"},
			filter: "(&(objectClass=group)" + anyOf("distinguishedName", part) + ")"})
		if err != nil {
			return err
		}
		if len(groups) < len(part) {
			return fmt.Errorf("%w: which members of %s are servers is not shown to this account", eas.ErrRefused, g.DN)
		}
	}
	return nil
}

// sidNames finds what the SIDs are called, for evidence. It is best effort: without it, evidence shows SIDs.
func (s *session) sidNames(ctx context.Context, n *naming, token []adsec.SID) map[adsec.SID]string {
	out := map[adsec.SID]string{adsec.Everyone: "Everyone", adsec.AuthenticatedUsers: "Authenticated Users",
		adsec.Self: "SELF"}
	found, err := s.searchAll(ctx, query{base: n.root, scope: ldap.ScopeWholeSubtree,
		filter: anySID(token[:min(len(token), filterCap)]), attrs: []string{attrSID, "sAMAccountName"}})
	if err != nil {
		return out
	}
	for _, e := range found {
		if id, name := sidOf(e), textOf(e, "sAMAccountName"); id != "" && name != "" {
			out[id] = name
		}
	}
	return out
}

// MemberOf reports whether a user is in a group, given by DN or sAMAccountName, directly or through other groups. The
// primary group does not count. eas.ErrNotFound when the user or the group is not there.
func (d *Directory) MemberOf(ctx context.Context, userDN, group string) (bool, error) {
	var member bool
	err := d.withSession(ctx, "read membership", "", func(ctx context.Context, s *session) error {
		n, err := d.loadNaming(ctx, s)
		if err != nil {
			return err
		}
		g, err := s.findGroup(ctx, n, group)
		if err != nil {
			return err
		}
		dn, err := ldap.ParseDN(userDN)
		if err != nil {
			return fmt.Errorf("%w: user DN %q", eas.ErrNotFound, userDN)
		}
		found, err := s.searchAll(ctx, query{base: dn.String(), scope: ldap.ScopeBaseObject, attrs: []string{"1.1"},
			filter: "(memberOf:" + ruleInChain + ":=" + ldap.EscapeFilter(g.DN) + ")"})
		if err != nil {
			return err
		}
		member = len(found) == 1
		if !member {
			_, err = s.searchOne(ctx, query{base: dn.String(), scope: ldap.ScopeBaseObject,
				filter: "(objectClass=user)", attrs: []string{"1.1"}})
		}
		return err
	})
	return member, err
}
