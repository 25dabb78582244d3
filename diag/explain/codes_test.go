package explain_test

import (
	"slices"
	"testing"

	"easbot/diag"
	"easbot/diag/explain"
)

// logOnlyCodes are the causes that only a text can show, never a directory. Every other code is one of the diagnosis's.
var logOnlyCodes = []string{
	"access-allowed", "access-denied", "access-refused", "account-blocked", "account-restricted", "address-wrong",
	"allowed-but-fails", "anonymous-access", "anonymous-logon", "app-pool-stopped", "attachment-missing",
	"attachment-too-big", "authentication-extra", "authentication-failed", "autodiscover-method-unused",
	"availability-failed", "availability-limit", "backend-timeout", "bad-request", "calendar-item",
	"certificate-expired", "client-access-rule", "client-certificate-required", "connection-cut",
	"container-cannot-be-created", "container-deletion", "container-duplicate", "default-access-level",
	"device-access-rule", "device-approval", "device-blocked", "device-cannot-be-created", "device-id-invalid",
	"device-information-missing", "device-management", "device-quarantined", "directory-access-denied",
	"directory-unreachable", "folder-exists", "folder-special", "folders-changed", "folders-missing",
	"heartbeat-settings-wrong", "heartbeat-too-low", "http-ok", "id-still-allowed", "ip-address-rejected",
	"item-access-denied", "item-bad", "item-conflict", "item-missing", "items-missing", "log-shortened",
	"mail-certificate", "mail-submission-failed", "mailbox-access-denied", "mailbox-full", "mailbox-moving",
	"mailbox-offline", "mailbox-server-error", "mailbox-server-overloaded", "message-already-sent", "move-failed",
	"new-device-fails", "no-picture", "no-policy", "no-recipients", "normal", "options-swallowed",
	"organisation-settings-missing", "outlook-desktop-without-eas", "partnership-damaged", "password-not-the-cause",
	"phone-calendar-fault", "phone-did-it", "phone-loops", "ping-incomplete", "ping-interval", "ping-stranded",
	"ping-too-many-folders", "plain-http", "policy-ambiguous", "policy-applied-in-part", "policy-changed",
	"policy-needed", "policy-refresh", "pre-authentication", "profile-not-created", "proxied-again", "proxy-fault",
	"proxy-timeout", "publishing-rule", "quarantine-mail-nobody", "recipient-unresolved", "redirected-by-server",
	"remote-no-tls", "remote-wipe", "reply-not-allowed", "request-filtered", "request-never-arrived",
	"request-too-large", "rights-management", "search-not-indexed", "search-too-complex", "send-disabled",
	"server-account-wrong", "server-busy", "server-error", "server-error-retry", "server-itself",
	"server-name-unknown", "server-or-throttled", "server-sent-it", "setting-defaulted", "sign-in-test-failed",
	"sync-key-invalid", "sync-key-zero", "sync-state", "throttled", "too-many-folders", "user-not-found",
	"version-mix", "version-not-supported", "web-filter", "wrong-password",
}

func TestPatternTable_NamesOnlyCodesOfTheCausesOrOfItsOwnList(t *testing.T) {
	t.Parallel()
	fromLog := map[string]bool{}
	for _, c := range diag.Causes() {
		fromLog[c.Code] = c.FromLog
		if slices.Contains(logOnlyCodes, c.Code) {
			t.Errorf("%s is a cause of the diagnosis: it does not belong on the list", c.Code)
		}
	}
	seen := map[string]bool{}
	for _, r := range explain.Rows() {
		seen[r.Code] = true
		if marked, known := fromLog[r.Code]; known && !marked {
			t.Errorf("%s %s: the table of causes does not say that a text may show %s", r.Source, r.Pattern, r.Code)
		} else if !known && !slices.Contains(logOnlyCodes, r.Code) {
			t.Errorf("%s %s: %q is neither a cause of the diagnosis nor on the list", r.Source, r.Pattern, r.Code)
		}
	}
	for code, marked := range fromLog {
		if marked && !seen[code] {
			t.Errorf("no pattern shows %s", code)
		}
	}
	for _, code := range logOnlyCodes {
		if !seen[code] {
			t.Errorf("no pattern shows %s, which is on the list", code)
		}
	}
}
