package exchange

import (
	"strings"

	"easbot/internal/eas"
)

// Shell is where a script is pasted, with what it needs there.
type Shell struct {
	name   string
	module string // loaded first; empty for none
}

// The shells. Scripts for Windows PowerShell run in the management shell as well.
var (
	ManagementShell = Shell{name: "Exchange Management Shell"}
	DirectoryShell  = Shell{name: "PowerShell with the ActiveDirectory module (RSAT)", module: "ActiveDirectory"}
	// PermissionShell is for cmdlets of both: permissions are saved with one and changed with the other.
	PermissionShell = Shell{name: "Exchange Management Shell on a machine with the ActiveDirectory module (RSAT)",
		module: "ActiveDirectory"}
	// ServerShell is for what only the Exchange server itself has: IIS, its logs and its files.
	ServerShell   = Shell{name: "Windows PowerShell on the Exchange server, as administrator"}
	CommandPrompt = Shell{name: "Command Prompt or PowerShell on Windows"}
)

// Script is a script that may be pasted as a whole: its first line says where, with which right, and for whom. It is
// empty when one of its lines is, because an argument cannot be shown: half a script is a wrong one.
func Script(shell Shell, right, about string, lines ...string) []string {
	head := "# " + shell.name + "; needs: " + right
	if about = eas.Clean(about, 200); about != "" {
		head += ". About " + about
	}
	script := []string{head}
	if shell.module != "" {
		script = append(script, "Import-Module "+shell.module)
	}
	for _, line := range lines {
		if line == "" {
			return nil
		}
		script = append(script, line)
	}
	return script
}

// WhatIfFirst is a command twice: what it would do, and the command itself.
func WhatIfFirst(command string) []string {
	if command == "" {
		return []string{""}
	}
	return []string{command + " -WhatIf", command}
}

// stopAtErrors makes of lines one block that ends at its first error, so that a paste does not go on without its
// backup.
func stopAtErrors(lines ...string) []string {
	block := []string{"& {", "  $ErrorActionPreference = 'Stop'"}
	for _, line := range lines {
		if line == "" {
			return []string{""}
		}
		block = append(block, "  "+line)
	}
	return append(block, "}")
}

// backupName is the part of a backup's name that stands for the account: letters, digits, "." and "-".
func backupName(account string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		default:
			return '_'
		}
	}, account)
}

// savePermissions are the lines that keep an object's permissions in a new file, named by the account and the time.
// They leave the permissions in $acl and the object's path in $path.
func savePermissions(dn, account string) []string {
	return []string{
		FormatCommand("$path = %s", `AD:\`+dn),
		FormatCommand("$backup = %s + (Get-Date -Format yyyyMMdd-HHmmss) + '.sddl'", "easbot-"+backupName(account)+"-"),
		"$acl = Get-Acl -LiteralPath $path",
		"$acl.Sddl | Out-File -LiteralPath $backup -NoClobber -Encoding utf8",
		`"Saved in $backup"`,
	}
}

// WithBackup are lines that save an object's permissions and then change them; an error ends it before the change. The
// change may use $path and $acl.
func WithBackup(dn, account string, change ...string) []string {
	return stopAtErrors(append(savePermissions(dn, account), change...)...)
}

// RestorePermissions are the lines that put back exactly what WithBackup saved: the file is asked for, and without it
// nothing is changed.
func RestorePermissions(dn, account string) []string {
	return stopAtErrors(
		FormatCommand("$path = %s", `AD:\`+dn),
		FormatCommand("$backup = Read-Host %s", "Which file was it saved in (easbot-"+backupName(account)+"-….sddl)?"),
		"$sddl = (Get-Content -LiteralPath $backup -Raw).Trim()",
		"$acl = Get-Acl -LiteralPath $path",
		"$acl.SetSecurityDescriptorSddlForm($sddl, 'Access')",
		"Set-Acl -LiteralPath $path -AclObject $acl -WhatIf",
		"Set-Acl -LiteralPath $path -AclObject $acl",
	)
}

// InheritPermissions are the lines that switch inheritance on and keep the entries that are there (Microsoft Learn:
// ObjectSecurity.SetAccessRuleProtection), with dsacls for machines without the module.
func InheritPermissions(dn, account string) []string {
	lines := WithBackup(dn, account,
		"$acl.SetAccessRuleProtection($false, $true)",
		"Set-Acl -LiteralPath $path -AclObject $acl -WhatIf",
		"Set-Acl -LiteralPath $path -AclObject $acl",
	)
	return append(lines, FormatCommand("# Without the module, and without a backup: dsacls %s /P:N", dn))
}
