package diag

import (
	"fmt"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// What Exchange writes on a device at every change, by which a missing right shows: msExchDeviceAccessState, and the
// property set Exchange-Personal-Information that it is in (Exchange's schema).
var (
	deviceAccessState   = adsec.MustGUID("d46f4784-e603-4b12-a561-88e721dc7d1a")
	personalInformation = adsec.MustGUID("b1b3a417-ec55-4191-b327-b72e33e38af2")
)

// mayWriteDevice is the entry that lets Exchange write a device, as arguments of Add-ADPermission.
const mayWriteDevice = " -Identity %s -User 'Exchange Servers' -AccessRights 'ReadProperty','WriteProperty'" +
	" -InheritanceType None"

// checkDeviceWrites asks whether an Exchange server may write each phone's object. Where it may not, that phone gets no
// mail, and the server logs event 1112.
func (d *diagnosis) checkDeviceWrites() {
	sids := d.snapshot.Org.ServerToken.Value
	if !d.snapshot.Org.ServerToken.OK() || len(sids) == 0 {
		return // the step is unknown for that already
	}
	token, refused, unseen := adsec.NewToken(sids), 0, 0
	for _, dev := range d.devices {
		sd := d.snapshot.DeviceSDs[dev.DN]
		if sd == nil {
			unseen++
			// It does not hide what else holds a phone for certain.
			d.noteHidden(&eas.Hidden{Object: dev.DN, Attribute: "nTSecurityDescriptor", Right: eas.RightReadControl},
				Quarantined)
			continue
		}
		write := sd.Check(token, adsec.Request{Mask: adsec.WriteProperty, Object: deviceAccessState,
			PropertySet: personalInformation, Class: d.snapshot.Org.Schema.Value.withWellKnown().Device})
		switch {
		case !write.Granted:
			refused++
			d.addDeviceNotWritable(dev, write)
		case write.Conditional:
			unseen++
			d.noteUnread("nTSecurityDescriptor of "+dev.DN, errConditional, Quarantined)
		}
	}
	trace := &d.traceLines[len(d.traceLines)-1]
	switch {
	case refused > 0:
		trace.Outcome = Fail
		trace.Detail += fmt.Sprintf("; it may not write %s", countedNoun(refused, "phone", "phones"))
	case unseen > 0:
		if trace.Outcome == Pass {
			trace.Outcome = OutcomeUnknown
		}
		trace.Detail += fmt.Sprintf("; whether it may write %s could not be read",
			countedNoun(unseen, "phone", "phones"))
	}
}

// addDeviceNotWritable reports a phone whose object Exchange may not write.
func (d *diagnosis) addDeviceNotWritable(dev eas.Device, write adsec.Decision) {
	h := hit{Code: CauseDeviceNotWritable, Device: dev, Values: messages.Values{}}
	for _, a := range denyingEntries(write) {
		h.Evidence = append(h.Evidence, newEvidence(dev.DN, "nTSecurityDescriptor", a.String()))
	}
	if len(h.Evidence) > 0 {
		h.Variants = []string{"denied"}
		h.Commands, h.Undo = d.savePermissions(dev.DN)
	} else {
		h.Evidence = []Evidence{newEvidence(dev.DN, "nTSecurityDescriptor",
			"no entry lets Exchange servers write it")}
		h.Commands, h.Undo = d.grantPermission(dev.DN, mayWriteDevice)
	}
	d.addFinding(h)
}
