package diag

import (
	"fmt"
	"strings"
	"time"

	"easbot/internal/eas"
)

// replacement remarks that a held device looks like a known one with a new id: a phone that was reset or whose account
// was added anew. It is a hint for the approver, never a reason to let anything in.
func (d *diagnosis) replacement(dev eas.Device) {
	old, ok := d.known(dev)
	if !ok {
		return
	}
	name, m := d.label(dev), d.s.Mailbox
	do, undo := allowDevice(m, dev.ID)
	if eas.HasID(m.AllowedIDs, old.ID) {
		do = lines(do, command(removeAllowed, m.Key(), old.ID))
		undo = lines(command(addAllowed, m.Key(), old.ID), undo)
	}
	d.addDevice(OK, "", dev, Finding{
		Code: "replacement-of-known-device", Severity: Info, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary: fmt.Sprintf("It may be a phone that is allowed already: same model and system as %s, which has been silent since this one came.", eas.Clean(old.ID, 200)),
		Plain:   fmt.Sprintf("Your %s looks like a phone that was approved before. Resetting a phone, or adding the account again, can give it a new number.", name),
		Evidence: []Evidence{
			evidence(old.DN, "msExchDeviceModel", old.Model),
			evidence(old.DN, "msExchLastUpdateTime", day(lastSign(old))),
			evidence(dev.DN, "msExchFirstSyncTime", day(came(dev))),
		},
		Fix: Fix{
			Who:      WhoApprover,
			Text:     "Ask the person whether it is the same phone. If so, allow the new id and take the old one off the list.",
			Plain:    "When you ask for approval, say whether it is the same phone as before.",
			Commands: do, Undo: undo,
			Affects: "these two ids only",
		},
	})
}

// known finds an allowed device of the same model and system that has not been heard of since dev came.
func (d *diagnosis) known(dev eas.Device) (eas.Device, bool) {
	start := came(dev)
	if dev.Model == "" || start.IsZero() {
		return eas.Device{}, false
	}
	for _, old := range d.s.Devices.Value {
		if old.ID == dev.ID || old.IsProbe() || !old.StateKnown || old.State != eas.StateAllowed || !came(old).Before(start) {
			continue
		}
		if strings.EqualFold(old.Model, dev.Model) && family(old) == family(dev) && !lastSign(old).After(start) {
			return old, true
		}
	}
	return eas.Device{}, false
}

// family is the system without its version: "iOS 17.6 21G80" and "iOS 18.1" are one family.
func family(d eas.Device) string {
	if f := strings.Fields(strings.ToLower(d.OS)); len(f) > 0 {
		return f[0]
	}
	return strings.ToLower(d.Type)
}

// lastSign is the last time that Exchange wrote something about the device. Exchange does not keep the time of the last
// sync in the directory, so this is the best there is.
func lastSign(d eas.Device) time.Time {
	if !d.LastUpdate.IsZero() {
		return d.LastUpdate
	}
	return came(d)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02")
}
