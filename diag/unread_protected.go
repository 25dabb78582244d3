package diag

import "strings"

// grantsOfProtected puts AdminSDHolder into the lines that would show what is hidden of a protected account: what is
// granted on the account itself is taken back within the hour (MS-ADTS 3.1.1.6.1).
func (d *diagnosis) grantsOfProtected(unread []Unread) []Unread {
	holder := d.snapshot.Org.AdminSDHolder.From
	if !d.protection.isProtected() || holder == "" {
		return unread
	}
	own, instead := `dsacls "`+d.snapshot.Mailbox.DN+`"`, `dsacls "`+holder+`"`
	for i, u := range unread {
		unread[i].Grant = strings.Replace(u.Grant, own, instead, 1)
		unread[i].Error = strings.Replace(u.Error, own, instead, 1)
	}
	return unread
}
