package explain

import "slices"

// follows says what merely follows from a cause: Exchange's own decision comes before the status that tells the phone
// of it, and that before the HTTP status.
var follows = map[string][]string{
	"device-blocked-individually":    refusals,
	"device-blocked-by-rule":         refusals,
	"device-blocked-by-default":      refusals,
	"device-auto-blocked":            refusals,
	"device-management":              append([]string{"policy-not-met"}, refusals...),
	"device-blocked":                 {"access-refused", "access-denied", "mail-submission-failed"},
	"device-quarantined-by-rule":     holds,
	"device-quarantined-by-default":  holds,
	"device-quarantined":             {"access-refused", "access-denied", "mail-submission-failed"},
	"device-in-discovery":            holds,
	"activesync-disabled":            {"access-refused", "access-denied"},
	"account-disabled":               {"access-refused", "access-denied", "authentication-failed"},
	"user-not-found":                 {"access-refused", "access-denied"},
	"client-access-rule":             {"access-refused", "access-denied"},
	"policy-needed":                  {"policy-not-met", "access-refused"},
	"policy-changed":                 {"policy-not-met", "policy-needed", "access-refused"},
	"policy-refresh":                 {"policy-not-met", "policy-needed", "access-refused"},
	"policy-refuses-unprovisionable": {"policy-not-met", "policy-needed", "access-refused"},
	"policy-not-met":                 {"access-refused", "access-denied"},
	"device-cannot-be-created":       {"server-error", "server-error-retry", "directory-access-denied"},
	"container-cannot-be-created":    {"server-error", "server-error-retry", "directory-access-denied"},
	"container-permissions-wrong":    {"server-error", "server-error-retry", "directory-access-denied"},
	"directory-access-denied":        {"server-error", "server-error-retry"},
	"mailbox-offline":                {"server-error", "server-error-retry", "server-busy"},
	"mailbox-moving":                 {"server-error", "server-error-retry", "server-busy"},
	"wrong-password":                 {"authentication-failed"},
	"password-expired":               {"authentication-failed"},
	"account-locked":                 {"authentication-failed"},
	"too-many-devices":               {"access-refused", "access-denied"},
	"access-refused":                 {"sign-in-test-failed"},
	"authentication-failed":          {"sign-in-test-failed"},
	"server-error":                   {"sign-in-test-failed"},
	"certificate-invalid":            {"sign-in-test-failed"},
	"server-busy":                    {"sign-in-test-failed"},
	"basic-authentication-off":       {"sign-in-test-failed"},
	"redirected":                     {"sign-in-test-failed"},
	"mailbox-full":                   {"mail-submission-failed"},
	"attachments-off":                {"attachment-too-big"},
	"partnership-damaged":            {"server-error"},
	"inheritance-off-protected":      {"inheritance-off", "container-cannot-be-created"},
	"owner-rights-restricted":        {"container-cannot-be-created"},
	"throttled":                      {"server-busy", "server-error-retry"},
	"container-deletion":             {"container-permissions-wrong"},
	"phone-loops":                    {"sync-key-zero"},
}

var (
	refusals = []string{"device-blocked", "device-quarantined", "access-refused", "access-denied",
		"mail-submission-failed", "access-allowed"}
	holds = []string{"device-quarantined", "device-blocked", "access-refused", "access-denied",
		"mail-submission-failed", "default-access-level"}
)

// dropFollowers takes out what merely follows from another cause of the same text, and names it there.
func dropFollowers(matches []Match) []Match {
	dropped := map[string]bool{}
	for i := range matches {
		m := &matches[i]
		if dropped[m.Code] {
			continue
		}
		for _, code := range follows[m.Code] {
			if slices.ContainsFunc(matches, func(o Match) bool { return o.Code == code }) && !dropped[code] {
				dropped[code] = true
				m.Also = append(m.Also, code)
			}
		}
	}
	return slices.DeleteFunc(matches, func(m Match) bool { return dropped[m.Code] })
}
