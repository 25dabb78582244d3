package ad

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// restAfterRefusal is for how long nobody tries the same password again: each try counts towards the account's
// lock-out.
const restAfterRefusal = time.Minute

// openOwnSession binds with easbot's account. After a refusal the password is not sent again for a minute, whichever
// controller is asked: all of them would refuse it, and each try counts.
func (d *Directory) openOwnSession(ctx context.Context, c *controller) (*session, error) {
	if d.wasRefused() {
		d.bindMu.Lock()
		defer d.bindMu.Unlock()
		return nil, d.bindRefused
	}
	s, err := c.openSession(ctx, d.opt.BindDN, d.opt.Password)
	if isBindRefused(err) {
		d.bindMu.Lock()
		d.bindRefused, d.bindRefusedAt = err, d.opt.Now()
		d.bindMu.Unlock()
	}
	return s, err
}

// wasRefused reports whether the account was refused within the last minute.
func (d *Directory) wasRefused() bool {
	d.bindMu.Lock()
	defer d.bindMu.Unlock()
	return d.bindRefused != nil && d.opt.Now().Sub(d.bindRefusedAt) < restAfterRefusal
}

// isBindRefused reports whether the account or its password was refused.
func isBindRefused(err error) bool {
	return ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials)
}

// subCode is where Active Directory says why it refuses an account: "… AcceptSecurityContext error, data 52e, v4f7c".
var subCode = regexp.MustCompile(`(?i)\bdata ([0-9a-f]{3,8})\b`)

// refusal is one reason in words, and what to do.
type refusal struct{ words, fix string }

// refusals are Active Directory's reasons, by their Win32 code in hexadecimal (MS-ERREF 2.2).
var refusals = map[string]refusal{
	"525": {"there is no account with this name", "Correct ldap.bind_dn."},
	"52e": {"the password is wrong",
		"Correct ldap.password. Do not try often: wrong passwords lock the account."},
	"52f": {"a restriction of the account refuses it (an empty password, or a policy)",
		"Look at the account's properties, and at authentication policies."},
	"530": {"the account may not sign in at this hour", "Clear the account's logon hours."},
	"531": {"the account may not sign in from this computer",
		"Add this computer to the account's list (Log On To), or clear it."},
	"532": {"the account's password has expired",
		"Set a new password, and let it never expire: this is an account for a service."},
	"533": {"the account is disabled", "Enable it in Active Directory Users and Computers."},
	"534": {"the account may not sign in over the network", "Let policies allow it network logon."},
	"568": {"the account is in too many groups", "Take it out of groups that it does not need."},
	"701": {"the account has expired", "Clear the end date of the account."},
	"773": {"the account has to change its password first",
		"Switch off \"User must change password at next logon\"."},
	"775": {"the account is locked after too many wrong passwords",
		"Find out who uses a wrong password, unlock the account, and wait until that has reached all controllers."},
	"80090346": {"the controller demands channel binding, and the connection does not have it",
		"Connect to the controller itself with ldaps://, not through a proxy that ends TLS."},
}

// explainRefusedBind says in words why the directory refused the account; ok is false for anything else.
func explainRefusedBind(err error) (r refusal, ok bool) {
	var answer *ldap.Error
	if !errors.As(err, &answer) {
		return refusal{}, false
	}
	switch answer.ResultCode {
	case ldap.LDAPResultInvalidCredentials:
		if m := subCode.FindStringSubmatch(answer.Error()); m != nil {
			if r, known := refusals[strings.ToLower(m[1])]; known {
				return r, true
			}
		}
		return refusal{"the account or its password is wrong",
			"Check ldap.bind_dn and ldap.password. Do not try often: wrong passwords lock the account."}, true
	case ldap.LDAPResultStrongAuthRequired:
		return refusal{"the controller takes passwords only over an encrypted connection",
			"Use ldaps:// in ldap.urls, or ldap.start_tls."}, true
	default:
		return refusal{}, false
	}
}
