package diag

import (
	"fmt"
	"strconv"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
)

// ownAttachmentLimit is what ActiveSync itself takes, in kilobytes, where nobody raised it on the server
// (MaxDocumentDataSize in ClientAccess\Sync\web.config; KB 10047).
const ownAttachmentLimit = 10000

// checkAttachments remarks on what the policy permits of attachments (KB 10047: is AttachmentsEnabled true, is
// MaxAttachmentSize unlimited?). It stops no phone.
func (d *diagnosis) checkAttachments(p *eas.Policy) {
	name := messages.Values{"policy": strconv.Quote(eas.Clean(p.Name, 100))}
	on, okOn := readOr(d, p.Attachments, true, OK)
	size, okSize := readOr(d, p.MaxAttachment, eas.Unlimited, OK)
	switch {
	case okOn && !on:
		h := hit{Code: CauseAttachmentsOff, Values: name,
			Evidence: []Evidence{newEvidence(p.DN, "msExchMobileFlags", "AttachmentsEnabled is off")}}
		h.Commands = d.changePolicy(p, "-AttachmentsEnabled $true")
		h.Undo = d.changePolicy(p, "-AttachmentsEnabled $false")
		d.addFinding(h)
	case okSize && size != eas.Unlimited:
		name["size"] = sizeInWords(size)
		d.addFinding(hit{Code: CauseAttachmentLimit, Values: name, Evidence: []Evidence{
			newEvidence(p.DN, "msExchMobileInitialMaxAttachmentSize", fmt.Sprint(size))}})
	}
}

// changePolicy is a script that changes one setting of a policy, named by its DN, with what it would do before it.
func (d *diagnosis) changePolicy(p *eas.Policy, setting string) []string {
	cmdlet := map[exchange.Version]string{exchange.Version2010: "Set-ActiveSyncMailboxPolicy"}[d.version()]
	if cmdlet == "" {
		cmdlet = "Set-MobileDeviceMailboxPolicy"
	}
	change := exchange.WhatIfFirst(exchange.FormatCommand(cmdlet+" -Identity %s "+setting, p.DN))
	return exchange.Script(exchange.ManagementShell, "the role Recipient Policies", p.Name, change...)
}

// sizesNote says what the organisation permits, and from where on a mailbox sends nothing; empty without either.
func (d *diagnosis) sizesNote() string {
	note := ""
	limits := d.snapshot.Org.MessageLimits
	receive, hiddenReceive := limits.Value.Receive.Or(eas.Unlimited)
	send, hiddenSend := limits.Value.Send.Or(eas.Unlimited)
	if limits.OK() && hiddenReceive == nil && hiddenSend == nil {
		note = "; messages of any size"
		if most := max(receive, send); receive != eas.Unlimited && send != eas.Unlimited {
			note = "; messages up to " + sizeInWords(most<<10)
		}
		if max(receive, send) > ownAttachmentLimit || receive == eas.Unlimited || send == eas.Unlimited {
			note += ", but ActiveSync itself takes 10 MB unless the server was changed"
		}
	}
	if quota, known := d.sendQuota(); known {
		note += "; the mailbox sends nothing from " + sizeInWords(quota<<10) + " on"
	}
	return note
}

// sendQuota is from where on the mailbox sends nothing, in kilobytes; known is false without a limit, and when it could
// not be read. It stops no phone, so that nothing is noted then.
func (d *diagnosis) sendQuota() (kilobytes int64, known bool) {
	m := d.snapshot.Mailbox
	byDatabase, hidden := m.DatabaseQuota.Or(!m.SendQuota.IsReadable() || m.SendQuota.IsAbsent())
	if hidden != nil {
		return 0, false
	}
	if !byDatabase {
		return m.SendQuota.IfPresent()
	}
	home, ok := m.HomeMDB.IfPresent()
	if !ok {
		return 0, false
	}
	return d.snapshot.Org.SendQuotas.Value[strings.ToLower(home)].IfPresent()
}

// sizeInWords is a number of bytes for people: "10 MB", "2.5 GB".
func sizeInWords(bytes int64) string {
	value, unit := float64(bytes), "bytes"
	for _, next := range []string{"KB", "MB", "GB", "TB"} {
		if value < 1024 {
			break
		}
		value, unit = value/1024, next
	}
	return strconv.FormatFloat(float64(int64(value*10))/10, 'f', -1, 64) + " " + unit
}
