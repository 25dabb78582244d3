package ad

import (
	"errors"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestExplainRefusedBind_SaysActiveDirectorysReason(t *testing.T) {
	t.Parallel()
	for code, r := range refusals {
		err := ldap.NewError(ldap.LDAPResultInvalidCredentials,
			errors.New("80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data "+code+", v4563"))
		if got, ok := explainRefusedBind(err); !ok || got != r {
			t.Errorf("%s: %v, %v", code, got, ok)
		}
	}
	for name, err := range map[string]error{
		"without a code": ldap.NewError(ldap.LDAPResultInvalidCredentials, errors.New("no")),
		"unknown code":   ldap.NewError(ldap.LDAPResultInvalidCredentials, errors.New("data 999, v1")),
		"not encrypted":  ldap.NewError(ldap.LDAPResultStrongAuthRequired, errors.New("00002028")),
	} {
		if got, ok := explainRefusedBind(err); !ok || got.words == "" || got.fix == "" {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	if _, ok := explainRefusedBind(ldap.NewError(ldap.LDAPResultBusy, errors.New("data 52e"))); ok {
		t.Error("a busy controller refuses nobody")
	}
}
