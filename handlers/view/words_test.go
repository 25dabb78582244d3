package view

import (
	"testing"
	"time"

	"easbot/diag"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

func TestDuration_IsSaidInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Second: "less than a minute", time.Minute: "1 minute", 90 * time.Minute: "1 hour",
		47 * time.Hour: "47 hours",
		50 * time.Hour: "2 days",
	} {
		if got := durationWords(messages.English, d); got != want {
			t.Errorf("%s is said as %q", d, got)
		}
	}
}

func TestStateWords_UnreadStateIsNotAllowed(t *testing.T) {
	t.Parallel()
	for want, state := range map[string]eas.Value[eas.AccessState]{
		"I may not read its state.": {}, "allowed, mail flows.": eas.Present(eas.StateAllowed),
	} {
		if got := stateWords(messages.English, eas.Device{State: state,
			Reason: eas.Present(eas.ReasonGlobal)}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Every text that the views put together from a state, a reason or a verdict is in the catalogue.
func TestDeviceStates_AllHaveWords(t *testing.T) {
	t.Parallel()
	for s := eas.StateUnknown; s <= eas.StateDiscovery; s++ {
		for _, reason := range []eas.Reason{eas.ReasonGlobal, eas.ReasonUpgrade, eas.ReasonIndividual} {
			if key := stateWords(messages.English, eas.Device{State: eas.Present(s),
				Reason: eas.Present(reason)}); key == "" || messages.English.HasText(key) {
				t.Errorf("%s, %s: %q", s, reason, key)
			}
		}
		if !messages.English.HasText("devices.row-next-" + s.String()) {
			t.Errorf("no words for a phone that will be %s", s)
		}
	}
}

func TestDeviceList_NoPhoneAndUnreadPhonesAreToldApart(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]diag.Report{
		"Exchange knows no phone of yours yet. Add your work account on the phone, then type /eas why here.": {},
		"I could not read your phones from the directory. An administrator can run easbot check.": {
			Unread: []diag.Unread{{Source: "phones", Error: "refused"}},
		},
	} {
		if got := DeviceList(messages.English, r).Text; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
