package diag

import (
	"slices"

	"easbot/internal/exchange"
)

const needsLogs = "the right to read the server's logs"

func scriptLastSync(s subject) (commands, after []string) {
	return s.script(needsView, exchange.ListPhones(s.mailbox, s.version)...), nil
}

// scriptSignIn tries ActiveSync as a person would, and asks for the password itself (Microsoft Learn:
// Test-ActiveSyncConnectivity).
func scriptSignIn(s subject) (commands, after []string) {
	return s.script("the role Monitoring; asks for a password: use a test account where you can",
		"$credential = Get-Credential",
		"Test-ActiveSyncConnectivity -MailboxCredential $credential -UseAutodiscoverForClientAccessServer |"+
			" Format-List 'Scenario', 'Result', 'Error'"), nil
}

func scriptVirtualDirectory(s subject) (commands, after []string) {
	return s.script(needsOrganised, "Get-ActiveSyncVirtualDirectory | Format-List 'Identity', 'BasicAuthEnabled',"+
		" 'ClientCertAuth', 'ExternalUrl', 'InternalUrl'"), nil
}

func scriptMailboxSize(s subject) (commands, after []string) {
	return s.script(needsView, exchange.FormatCommand("Get-MailboxStatistics -Identity %s | "+
		"Format-List 'TotalItemSize', 'StorageLimitStatus', 'DatabaseProhibitSendQuota'", s.mailbox)), nil
}

// scriptMailboxLog switches the mailbox's ActiveSync log on; it ends by itself after 72 hours (Microsoft Learn:
// Set-CASMailbox -ActiveSyncDebugLogging).
func scriptMailboxLog(s subject) (commands, after []string) {
	logging := func(on string) []string {
		return exchange.WhatIfFirst(exchange.FormatCommand("Set-CASMailbox -Identity %s -ActiveSyncDebugLogging "+on,
			s.mailbox))
	}
	cmdlet := "Get-MobileDeviceStatistics"
	if s.version == exchange.Version2010 {
		cmdlet = "Get-ActiveSyncDeviceStatistics"
	}
	fetch := exchange.FormatCommand(cmdlet+" -Mailbox %s -GetMailboxLog -NotificationEmailAddresses %s", s.mailbox,
		"<your address>")
	return s.script(needsRecipients, logging("$true")...),
		s.script(needsRecipients, slices.Concat([]string{fetch}, logging("$false"))...)
}

// scriptPolicyTrial gives one mailbox a new policy; without a policy of its own it had the default one.
func scriptPolicyTrial(s subject) (commands, after []string) {
	cmdlet := "New-MobileDeviceMailboxPolicy"
	if s.version == exchange.Version2010 {
		cmdlet = "New-ActiveSyncMailboxPolicy"
	}
	const name = "'easbot trial'"
	assign := func(policy string) []string {
		return exchange.WhatIfFirst(exchange.FormatCommand("Set-CASMailbox -Identity %s -ActiveSyncMailboxPolicy ",
			s.mailbox) + policy)
	}
	show := exchange.FormatCommand("Get-CASMailbox -Identity %s | Format-List 'ActiveSyncMailboxPolicy'", s.mailbox)
	return s.script(needsRecipients+" and Recipient Policies",
			slices.Concat([]string{show}, exchange.WhatIfFirst(cmdlet+" -Name "+name), assign(name))...),
		s.script(needsRecipients, assign("'<the policy that was shown>'")...)
}

func scriptAppPool(s subject) (commands, after []string) {
	return exchange.Script(exchange.ServerShell, "an administrator of the server", "",
		"Get-ItemProperty -LiteralPath 'IIS:\\AppPools\\MSExchangeSyncAppPool' | "+
			"Format-List 'state', 'processModel'"), nil
}

func scriptApplicationLog(s subject) (commands, after []string) {
	return exchange.Script(exchange.ServerShell, needsLogs, "",
		"Get-WinEvent -LogName 'Application' -MaxEvents 300 | Where-Object { $_.Level -le 3 } |"+
			" Format-List 'TimeCreated', 'ProviderName', 'Id', 'Message'"), nil
}

func scriptSizeLimit(s subject) (commands, after []string) {
	return exchange.Script(exchange.ServerShell, needsLogs, "",
		"Select-String -Path \"$env:ExchangeInstallPath\\ClientAccess\\Sync\\web.config\""+
			" -Pattern 'MaxDocumentDataSize', 'maxRequestLength'"), nil
}

func scriptAntivirusFilter(s subject) (commands, after []string) {
	return exchange.Script(exchange.ServerShell, "an administrator of the server", "", "fltmc.exe filters"), nil
}
