package diag

import (
	"strings"
	"time"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// addReplacedPhone remarks that a held device looks like a known one with a new id: a phone that was reset or whose
// account was added anew. It is a hint for the approver, never a reason to let anything in.
func (d *diagnosis) addReplacedPhone(dev eas.Device) {
	old, ok := d.formerPhone(dev)
	if !ok {
		return
	}
	do, undo := d.allowDevice(dev.ID) // the old id stays: that phone may still be in use
	d.addFinding(hit{
		Code: CauseReplacedPhone, Device: dev, Values: messages.Values{"former": eas.Clean(old.ID, 200)},
		Evidence: []Evidence{
			newEvidence(old.DN, "msExchDeviceModel", old.Model.Shown()),
			newEvidence(old.DN, "msExchLastUpdateTime", dateOrUnknown(lastSignOfLife(old))),
			newEvidence(dev.DN, "msExchFirstSyncTime", dateOrUnknown(firstSeen(dev))),
		},
		Commands: do, Undo: undo,
	})
}

// formerPhone finds an allowed device of the same model and system that has not been heard of since dev came.
func (d *diagnosis) formerPhone(dev eas.Device) (eas.Device, bool) {
	start := firstSeen(dev)
	model := dev.Model.Shown() // it is a hint only: what is not readable looks like nothing
	if model == "" || start.IsZero() {
		return eas.Device{}, false
	}
	for _, old := range d.snapshot.Devices.Value {
		if old.ID == dev.ID || old.IsProbe() || old.State.Shown() != eas.StateAllowed ||
			!firstSeen(old).Before(start) {
			continue
		}
		if strings.EqualFold(old.Model.Shown(), model) && systemFamily(old) == systemFamily(dev) &&
			!lastSignOfLife(old).After(start) {
			return old, true
		}
	}
	return eas.Device{}, false
}

// systemFamily is the system without its version: "iOS 17.6 21G80" and "iOS 18.1" are one family.
func systemFamily(d eas.Device) string {
	if f := strings.Fields(strings.ToLower(d.OS.Shown())); len(f) > 0 {
		return f[0]
	}
	return strings.ToLower(d.Type.Shown())
}

// lastSignOfLife is the last time that Exchange wrote something about the device. Exchange does not keep the time of
// the last sync in the directory, so this is the best there is.
func lastSignOfLife(d eas.Device) time.Time {
	if !d.LastUpdate.IsZero() {
		return d.LastUpdate
	}
	return firstSeen(d)
}

func dateOrUnknown(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02")
}
