package diag

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"easbot/internal/eas"
	"easbot/internal/exchange"
)

// cmdlet is what a script may use: its parameters, and whether it can show what it would do.
type cmdlet struct {
	parameters string
	changes    bool
	whatIf     bool
}

const permissionParameters = "Identity User AccessRights ChildObjectTypes InheritanceType InheritedObjectType Deny " +
	"WhatIf"

// cmdlets are those of Microsoft Learn (Exchange PowerShell, ActiveDirectory module, Windows PowerShell 5.1).
var cmdlets = map[string]cmdlet{
	"Set-CASMailbox": {"Identity ActiveSyncAllowedDeviceIDs ActiveSyncBlockedDeviceIDs ActiveSyncEnabled " +
		"ActiveSyncDebugLogging ActiveSyncMailboxPolicy WhatIf", true, true},
	"New-MobileDeviceMailboxPolicy": {"Name WhatIf", true, true},
	"New-ActiveSyncMailboxPolicy":   {"Name WhatIf", true, true},
	"Add-ADPermission": {permissionParameters, true,
		true},
	"Remove-ADPermission": {permissionParameters,
		true, true},
	"Set-MobileDeviceMailboxPolicy":  {"Identity AttachmentsEnabled WhatIf", true, true},
	"Set-ActiveSyncMailboxPolicy":    {"Identity AttachmentsEnabled WhatIf", true, true},
	"Set-Acl":                        {"LiteralPath AclObject WhatIf", true, true},
	"Set-ADUser":                     {"Identity Clear Replace WhatIf", true, true},
	"Enable-ADAccount":               {"Identity WhatIf", true, true},
	"Disable-ADAccount":              {"Identity WhatIf", true, true},
	"Unlock-ADAccount":               {"Identity WhatIf", true, true},
	"Clear-ADAccountExpiration":      {"Identity WhatIf", true, true},
	"Set-ADAccountExpiration":        {"Identity DateTime WhatIf", true, true},
	"Set-ADForest":                   {"UPNSuffixes WhatIf", true, true},
	"Import-Module":                  {},
	"Get-Acl":                        {parameters: "LiteralPath"},
	"Get-ADForest":                   {},
	"Get-ADPermission":               {parameters: "Identity"},
	"Get-ADPrincipalGroupMembership": {parameters: "Identity"},
	"Get-ActiveSyncVirtualDirectory": {},
	"Get-AuthenticationPolicy":       {parameters: "Identity"},
	"Get-Content":                    {parameters: "LiteralPath Raw"},
	"Get-Date":                       {parameters: "Format"},
	"Get-Mailbox":                    {parameters: "Identity"},
	"Get-MailboxDatabase":            {},
	"Get-MailboxStatistics":          {parameters: "Identity"},
	"Get-CASMailbox":                 {parameters: "Identity"},
	"Get-Credential":                 {},
	"Get-ItemProperty":               {parameters: "LiteralPath"},
	"Get-WinEvent":                   {parameters: "LogName MaxEvents"},
	"Select-String":                  {parameters: "Path Pattern"},
	"Test-ActiveSyncConnectivity":    {parameters: "MailboxCredential UseAutodiscoverForClientAccessServer"},
	"Get-MobileDevice":               {parameters: "Mailbox"},
	"Get-MobileDeviceStatistics":     {parameters: "Mailbox GetMailboxLog NotificationEmailAddresses"},
	"Get-ActiveSyncDeviceStatistics": {parameters: "Mailbox GetMailboxLog NotificationEmailAddresses"},
	"Get-MoveRequest":                {parameters: "Identity"},
	"Get-MoveRequestStatistics":      {},
	"Format-List":                    {},
	"Format-Table":                   {},
	"Out-File":                       {parameters: "LiteralPath NoClobber Encoding"},
	"Read-Host":                      {},
	"Sort-Object":                    {},
	"Where-Object":                   {},
	"curl.exe":                       {parameters: "v X"},
}

var (
	cmdletName = regexp.MustCompile(`\b[A-Z][a-z]+-[A-Z][A-Za-z]+\b`)
	parameter  = regexp.MustCompile(` -([A-Za-z]+)`)
	operators  = []string{"not", "and", "or", "eq", "le"}
)

// scriptsOf are all scripts that a report shows.
func scriptsOf(r Report) (scripts [][]string) {
	for _, f := range r.Findings {
		for _, s := range [][]string{f.Fix.Commands, f.Fix.Undo} {
			if len(s) > 0 {
				scripts = append(scripts, s)
			}
		}
	}
	for _, h := range r.HandOvers {
		if len(h.Commands) > 0 {
			scripts = append(scripts, h.Commands)
		}
	}
	return scripts
}

// allScripts are those of every story and of every hand-over, by where they are shown.
func allScripts() map[string][]string {
	all := map[string][]string{}
	for _, c := range stories() {
		for i, script := range scriptsOf(Diagnose(c.s, Options{Now: noon, Device: c.device})) {
			all[fmt.Sprintf("%s %d", c.name, i)] = script
		}
	}
	for _, version := range []exchange.Version{exchange.Version2010, exchange.Version2013, exchange.VersionUnknown} {
		for _, h := range handOvers {
			filled := h.about(subject{mailbox: "o'hara", about: "o'hara", version: version})
			for i, script := range [][]string{filled.Commands, filled.After} {
				if len(script) > 0 {
					all[fmt.Sprintf("hand-over %s %d for version %d", h.key, i, version)] = script
				}
			}
		}
	}
	return all
}

// withoutStrings is a line with its single-quoted arguments emptied; ok is false when a quote is left open. A doubled
// quote is one of the argument (about_Quoting_Rules).
func withoutStrings(line string) (code string, ok bool) {
	var b strings.Builder
	inside := false
	for _, r := range line {
		switch {
		case strings.ContainsRune("'‘’‚‛", r):
			inside = !inside // a doubled one closes and opens again
			b.WriteRune('\'')
		case !inside:
			b.WriteRune(r)
		}
	}
	return b.String(), !inside
}

// TestScripts_MayBePastedAtThreeInTheMorning holds every script of every story to the rules.
func TestScripts_MayBePastedAtThreeInTheMorning(t *testing.T) {
	t.Parallel()
	all := allScripts()
	for name, script := range all {
		checkScript(t, name, script)
	}
	if len(all) < 50 {
		t.Errorf("only %d scripts were looked at", len(all))
	}
}

func checkScript(t *testing.T, name string, script []string) {
	t.Helper()
	whole := strings.Join(script, "\n")
	if !strings.HasPrefix(script[0], "# ") || !strings.Contains(script[0], "; needs: ") {
		t.Errorf("%s: the first line names no shell and no right: %s", name, script[0])
	}
	if strings.Contains(whole, `AD:\`) && script[1] != "Import-Module ActiveDirectory" {
		t.Errorf("%s: AD: without the module:\n%s", name, whole)
	}
	if strings.Count(whole, "{") != strings.Count(whole, "}") && !strings.Contains(whole, "'); rm") {
		t.Errorf("%s: braces do not match:\n%s", name, whole)
	}
	if strings.Contains(whole, "'Anna Berger'") {
		t.Errorf("%s: names somebody by the display name:\n%s", name, whole)
	}
	for i, line := range script {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		code, ok := withoutStrings(line)
		if !ok || strings.ContainsAny(code, "\r\n\x00`;") {
			t.Errorf("%s: %q does not end as it begins", name, line)
		}
		for _, cmd := range cmdletName.FindAllString(code, -1) {
			checkCmdlet(t, name, cmd, code, script[:i])
		}
	}
}

// checkCmdlet holds one cmdlet of a line to the table. Before it, the same line may only have shown what it would do.
func checkCmdlet(t *testing.T, name, cmd, code string, before []string) {
	t.Helper()
	known, ok := cmdlets[cmd]
	if !ok {
		t.Errorf("%s: %s is not in the table", name, cmd)
		return
	}
	_, own, _ := strings.Cut(code, cmd)
	own, _, _ = strings.Cut(own, "|")
	for _, p := range parameter.FindAllStringSubmatch(own, -1) {
		if !slices.Contains(strings.Fields(known.parameters), p[1]) && !slices.Contains(operators,
			strings.ToLower(p[1])) {
			t.Errorf("%s: %s has no parameter %s: %s", name, cmd, p[1], code)
		}
	}
	if !known.changes || strings.Contains(code, "-WhatIf") {
		return
	}
	shown := slices.ContainsFunc(before, func(line string) bool {
		return strings.Contains(line, cmd+" ") && strings.HasSuffix(line, " -WhatIf")
	})
	if known.whatIf && !shown && !strings.Contains(code, "adminCount=") {
		t.Errorf("%s: %s changes something and did not show it first: %s", name, cmd, code)
	}
	saved := slices.ContainsFunc(before, func(line string) bool { return strings.Contains(line, "Out-File") })
	restores := slices.ContainsFunc(before, func(line string) bool { return strings.Contains(line, "Read-Host") })
	if cmd == "Set-Acl" && !saved && !restores {
		t.Errorf("%s: %s without a backup", name, code)
	}
}

func TestScripts_NothingIsRemovedOrMadeThatMayBeMissed(t *testing.T) {
	t.Parallel()
	for name, script := range allScripts() {
		for _, word := range []string{"Remove-MobileDevice", "Remove-ActiveSyncDevice", "Clear-", "Enable-Mailbox",
			"Disable-Mailbox", "CN=AdminSDHolder"} {
			if whole := strings.Join(script, "\n"); strings.Contains(whole, word) &&
				!strings.Contains(whole, "Clear-ADAccountExpiration") {
				t.Errorf("%s: %s:\n%s", name, word, whole)
			}
		}
	}
}

func TestAllowDevice_BothListsInOneCommand(t *testing.T) {
	t.Parallel()
	d := &diagnosis{snapshot: scene(blockedIDs("Appl1"))}
	do, undo := d.allowDevice("appl1")
	want := "Set-CASMailbox -Identity '" + d.snapshot.Mailbox.GUID + "' -ActiveSyncAllowedDeviceIDs @{Add='appl1'} " +
		"-ActiveSyncBlockedDeviceIDs @{Remove='appl1'}"
	if len(do) != 3 || do[1] != want+" -WhatIf" || do[2] != want ||
		undo[2] != strings.NewReplacer("Add=", "Remove=", "Remove=", "Add=").Replace(want) {
		t.Errorf("%q\n%q", do, undo)
	}
}

func TestScripts_WhatCannotBeShownHasNoScript(t *testing.T) {
	t.Parallel()
	d := &diagnosis{snapshot: scene()}
	for _, id := range []string{"", "a\nb", "a\u202eb", "a\x00b", "a\u200bb"} {
		if do, undo := d.allowDevice(id); do != nil || undo != nil {
			t.Errorf("%q: %q, %q", id, do, undo)
		}
	}
	d.snapshot.Mailbox.DN = "CN=a\nb,DC=x"
	if do, undo := d.inheritPermissions(d.snapshot.Mailbox.DN); do != nil || undo != nil {
		t.Errorf("%q, %q", do, undo)
	}
	for _, name := range []string{"o'hara", "$(calc)", "a`b;c", "Ädler"} {
		for _, line := range exchange.WithBackup("CN="+name, name) {
			if code, ok := withoutStrings(line); !ok || strings.Contains(code, "calc") {
				t.Errorf("%q: %s", name, line)
			}
		}
	}
}

func TestListPhones_ExchangesVersionDecidesTheCmdlet(t *testing.T) {
	t.Parallel()
	for version, want := range map[int64]string{44220983382016: "Get-ActiveSyncDeviceStatistics -Mailbox 'x'",
		88218628259840:   "Get-MobileDeviceStatistics -Mailbox 'x'",
		1126140425011200: "Get-MobileDeviceStatistics -Mailbox 'x'"} {
		got := exchange.ListPhones("x", exchange.VersionOf(eas.Present(version).IfPresent()))
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%d: %q", version, got)
		}
	}
	if got := exchange.ListPhones("x", exchange.VersionOf(0, false)); len(got) != 2 {
		t.Errorf("an unknown version has both: %q", got)
	}
}
