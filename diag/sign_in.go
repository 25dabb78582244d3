package diag

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// checkSignInLimits looks at what lets an account that is neither disabled nor locked not sign in with a password from
// an Exchange server. known is false when some of it could not be read.
func (d *diagnosis) checkSignInLimits() (known bool) {
	m := d.snapshot.Mailbox
	control, known := readOr(d, m.AccountControl, 0, Blocked)
	if control&eas.AccountSmartCardRequired != 0 {
		d.addFinding(hit{
			Code:     CauseSmartCardRequired,
			Evidence: []Evidence{newEvidence(m.DN, "userAccountControl", strconv.Itoa(control))},
		})
	}
	return d.checkWorkstations() && d.checkLogonHours() && d.checkAuthenticationPolicy() && known
}

// checkWorkstations looks at the computers from which the account may sign in. Exchange signs in for the phone, so its
// servers count (MS-ADA3: userWorkstations; the check is of network sign-ins as well).
func (d *diagnosis) checkWorkstations() (known bool) {
	m := d.snapshot.Mailbox
	list, ok := readOr(d, m.Workstations, "", Blocked)
	if !ok || list == "" {
		return ok
	}
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		names = append(names, strings.ToLower(strings.TrimSpace(name)))
	}
	servers := d.snapshot.Org.Servers
	isListed := func(server string) bool { return slices.Contains(names, strings.ToLower(server)) }
	h := hit{
		Code: CauseWorkstations, Values: messages.Values{"computers": eas.Clean(list, 200)},
		Evidence: []Evidence{newEvidence(m.DN, "userWorkstations", list)},
	}
	switch {
	case len(servers) > 0 && !slices.ContainsFunc(servers, func(s string) bool { return !isListed(s) }):
		return true
	case len(servers) == 0 || slices.ContainsFunc(servers, isListed):
		h.Variants = []string{"some"}
	}
	d.addFinding(h)
	return true
}

// hoursOfAWeek is how many bits logonHours has: one for each hour of the week in UTC, from Sunday midnight on, the
// lowest bit of each byte first (MS-SAMR 2.2.6.5).
const hoursOfAWeek = 7 * 24

// checkLogonHours looks at the hours at which the account may sign in.
func (d *diagnosis) checkLogonHours() (known bool) {
	m := d.snapshot.Mailbox
	hours, ok := readOr(d, m.LogonHours, nil, Blocked)
	switch {
	case !ok:
		return false
	case len(hours) == 0:
		return true
	case len(hours) != hoursOfAWeek/8:
		d.noteHidden(&eas.Hidden{Object: m.DN, Attribute: "logonHours",
			Because: fmt.Sprintf("it has %d bytes and not 21", len(hours))}, Blocked)
		return false
	}
	mayAt := func(t time.Time) bool {
		hour := int(t.Weekday())*24 + t.Hour()
		return hours[hour/8]&(1<<(hour%8)) != 0
	}
	now := d.options.Now.UTC()
	if mayAt(now) {
		return true
	}
	h := hit{Code: CauseLogonHours, Variants: []string{"never"},
		Evidence: []Evidence{newEvidence(m.DN, "logonHours", fmt.Sprintf("%x", hours))}}
	for ahead := range hoursOfAWeek {
		if next := now.Truncate(time.Hour).Add(time.Duration(ahead) * time.Hour); mayAt(next) {
			h.Variants, h.Values = nil, messages.Values{"next": momentOf(next)}
			break
		}
	}
	d.addFinding(h)
	return true
}

// checkAuthenticationPolicy looks at the policy that may refuse passwords to ActiveSync. What it says is in attributes
// that are not published, so only an administrator can look (Microsoft Learn: New-AuthenticationPolicy).
func (d *diagnosis) checkAuthenticationPolicy() (known bool) {
	m := d.snapshot.Mailbox
	dn, ok := readOr(d, m.AuthPolicyDN, "", Blocked)
	if !ok || dn == "" {
		return ok
	}
	d.addFinding(hit{
		Code: CauseAuthenticationPolicy, Values: messages.Values{"policy": eas.Clean(firstName(dn), 100)},
		Evidence: []Evidence{newEvidence(m.DN, "msExchAuthPolicyLink", dn)},
		Commands: d.mailboxScript(needsOrganised,
			exchange.FormatCommand("Get-AuthenticationPolicy -Identity %s | Format-List 'Name', '*ActiveSync*'", dn)),
	})
	return true
}

// firstName is the value of a DN's first part, or the DN when it cannot be taken apart.
func firstName(dn string) string {
	first, _, _ := strings.Cut(dn, ",")
	if _, name, ok := strings.Cut(first, "="); ok && name != "" && exchange.IsPrintable(name) {
		return name
	}
	return dn
}

// wrongPasswordsCount is for how long a refused password counts as recent.
const wrongPasswordsCount = 24 * time.Hour

// checkPassword remarks on refused passwords, and returns what there is to say about the last change: a phone may go on
// with the old one. Each controller counts for itself (MS-ADA1: badPwdCount is not replicated), so none here means
// nothing.
func (d *diagnosis) checkPassword() string {
	m := d.snapshot.Mailbox
	changed, hasChanged := m.PasswordLastSet.IfPresent()
	day := changed.UTC().Format(time.DateOnly)
	if refused, ok := m.BadPasswordCount.IfPresent(); ok && refused > 0 {
		last, _ := m.BadPasswordTime.IfPresent()
		if !last.IsZero() && d.options.Now.Sub(last) < wrongPasswordsCount {
			h := hit{
				Code:   CausePasswordRefused,
				Values: messages.Values{"count": refused, "moment": momentOf(last)},
				Evidence: []Evidence{newEvidence(m.DN, "badPwdCount", strconv.Itoa(refused)),
					newEvidence(m.DN, "badPasswordTime", last.UTC().Format("2006-01-02 15:04 UTC"))},
			}
			if hasChanged {
				h.Evidence = append(h.Evidence, newEvidence(m.DN, "pwdLastSet", day))
			}
			d.addFinding(h)
		}
	}
	if !hasChanged {
		return ""
	}
	return "; the password was changed on " + day
}
