package view

import (
	"easbot/diag"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// DeviceList is the answer to /eas devices: one's own phones and the state that Exchange stored for each.
func DeviceList(l messages.Language, r diag.Report) Message {
	switch {
	case len(r.Devices) == 0 && len(r.Unread) > 0:
		return Sentence(l, "devices.unread", nil)
	case len(r.Devices) == 0:
		return Sentence(l, "devices.none", nil)
	}
	m := shrinkToLimits(func(limit int) Message {
		blocks := []slack.Block{headerBlock(l.Text("devices.header", messages.Values{"number": len(r.Devices)}))}
		for i, d := range r.Devices {
			if i == 20 {
				blocks = append(blocks, contextLine(l.Text("devices.more",
					messages.Values{"count": len(r.Devices) - i})))
				break
			}
			blocks = append(blocks, richText(deviceState(l, d), deviceFacts(l, d.Device, d.OS, limit)))
		}
		return Message{Blocks: append(blocks, contextLine(l.Text("devices.next", nil)))}
	})
	return m.withText(l.Text("devices.text", messages.Values{"count": len(r.Devices)}))
}

func deviceState(l messages.Language, d diag.DeviceVerdict) line {
	state := sentenceLine(l, "devices.row", messages.Values{
		"phone": PhoneName(l, d.Device), "state": stateWords(l, d.Device),
	})
	if d.Predicted != nil && d.Predicted.State != d.State {
		state = append(state, sentenceLine(l, "devices.row-next-"+d.Predicted.State.String(), nil)...)
	}
	return state
}

func deviceFacts(l messages.Language, d eas.Device, system string, limit int) line {
	facts := line{outsideText(system, limit)}
	if !d.FirstSync.IsZero() {
		seen := messages.Values{"when": timeInReadersZone(d.FirstSync)}
		facts = append(facts, sentenceLine(l, "devices.row-first-seen", seen)...)
	}
	return facts
}

// stateWords says a device's access state in plain words.
func stateWords(l messages.Language, d eas.Device) string {
	s, hidden := d.State.Or(eas.StateUnknown)
	reason := d.Reason.Shown()
	key := map[eas.AccessState]string{
		eas.StateAllowed: "devices.state-allowed", eas.StateBlocked: "devices.state-blocked",
		eas.StateQuarantined: "devices.state-quarantined", eas.StateDiscovery: "devices.state-discovery",
	}[s]
	switch {
	case hidden != nil:
		key = "devices.state-unread"
	case key == "":
		key = "devices.state-undecided"
	case s == eas.StateAllowed && reason == eas.ReasonUpgrade:
		key = "devices.state-upgrade"
	case s == eas.StateBlocked && reason.IsAutoBlock():
		key = "devices.state-auto-block"
	}
	return l.Text(key, nil)
}
