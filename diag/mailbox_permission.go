package diag

import (
	"easbot/internal/adsec"
	"easbot/internal/messages"
)

// readByExchange are attributes without which Exchange finds no mailbox, with their numbers in Exchange's schema; both
// are in the property set Exchange-Information.
var readByExchange = []struct {
	name string
	id   adsec.GUID
}{
	{"msExchMailboxGuid", adsec.MustGUID("9333af48-b09e-11d2-aa06-00c04f8eedd8")},
	{"homeMDB", adsec.MustGUID("bf967987-0de6-11d0-a285-00aa003049e2")},
}

var exchangeInformation = adsec.MustGUID("1f298a89-de98-47b8-b5cd-572ad53d267e")

// checkMailboxReads asks whether an Exchange server may read the account: where an entry denies it, no phone gets in,
// whatever it was before. That no entry grants it decides nothing: reading may be granted where easbot cannot see it.
func (d *diagnosis) checkMailboxReads() {
	sids, sd := d.snapshot.Org.ServerToken.Value, d.snapshot.UserSD.Value
	if !d.snapshot.Org.ServerToken.OK() || len(sids) == 0 || !d.snapshot.UserSD.OK() || sd == nil {
		return // the step is unknown for that already
	}
	token, class := adsec.NewToken(sids), d.snapshot.Org.Schema.Value.withWellKnown().User
	for _, a := range readByExchange {
		read := sd.Check(token, adsec.Request{Mask: adsec.ReadProperty, Object: a.id,
			PropertySet: exchangeInformation, Class: class})
		denying := denyingEntries(read)
		if len(denying) == 0 {
			continue
		}
		h := hit{Code: CauseMailboxNotReadable, Values: messages.Values{"attribute": a.name,
			"trustee": d.trusteeName(denying[0].Trustee)}}
		for _, entry := range denying {
			h.Evidence = append(h.Evidence, newEvidence(d.snapshot.Mailbox.DN, attrOfPermissions, entry.String()))
		}
		h.Commands, h.Undo = d.savePermissions(d.snapshot.Mailbox.DN)
		d.addFinding(h)
		trace := &d.traceLines[len(d.traceLines)-1]
		trace.Outcome = Fail
		trace.Detail += "; it may not read " + a.name
		return
	}
}

// attrOfPermissions holds an object's permissions.
const attrOfPermissions = "nTSecurityDescriptor"
