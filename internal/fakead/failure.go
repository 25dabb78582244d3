package fakead

import (
	"fmt"

	"github.com/jimlambrt/gldap"
)

// failure is an LDAP result other than success, with a diagnostic message in the words of Active Directory.
type failure struct {
	code int
	text string
}

func (f *failure) Error() string { return fmt.Sprintf("LDAP result %d: %s", f.code, f.text) }

// Results that have one fixed text.
var (
	errRights = &failure{gldap.ResultInsufficientAccessRights,
		"00000005: SecErr: DSID-03152E13, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n"}
	errExists = &failure{gldap.ResultEntryAlreadyExists,
		"00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0\n"}
	errCredentials = &failure{gldap.ResultInvalidCredentials,
		"80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 52e, v4563"}
	errDisabledAccount = &failure{gldap.ResultInvalidCredentials,
		"80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 533, v4563"}
	errNotBound = &failure{gldap.ResultOperationsError,
		"000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation " +
			"a successful bind must be completed on the connection., data 0, v4563"}
	errControl = &failure{gldap.ResultUnavailableCriticalExtension,
		"00002040: SvcErr: DSID-031401E7, problem 5010 (UNAVAIL_EXTENSION), data 0\n"}
	errNotLeaf = &failure{gldap.ResultNotAllowedOnNonLeaf,
		"00002015: UpdErr: DSID-031B0DA5, problem 6003 (CANT_ON_NON_LEAF), data 0\n"}
	errInternal = &failure{gldap.ResultOther, "00000054: SvcErr: DSID-03210F78, problem 5012 (DIR_ERROR), data 0\n"}
)

func failNoObject(bestMatch string) *failure {
	return &failure{gldap.ResultNoSuchObject,
		fmt.Sprintf("0000208D: NameErr: DSID-0310028C, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'%s'\n",
			bestMatch)}
}

func failDN() *failure {
	return &failure{gldap.ResultInvalidDNSyntax,
		"0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8349\n"}
}

func failAttribute(code int, problem string) *failure {
	return &failure{code, "0000200B: AttrErr: DSID-03191083, #1: problem " + problem + "\n"}
}
