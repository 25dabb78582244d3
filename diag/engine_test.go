package diag

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
)

type oneDirectory struct {
	s   *Snapshot
	err error
	who eas.Lookup

	tell  func(s *Snapshot, want Detail) // answers Detail
	wants []Detail
}

func (d *oneDirectory) Detail(_ context.Context, s *Snapshot, want Detail) *Snapshot {
	d.wants = append(d.wants, want)
	more := *s
	if d.tell != nil {
		d.tell(&more, want)
	}
	return &more
}

func (d *oneDirectory) Snapshot(_ context.Context, who eas.Lookup) (*Snapshot, error) {
	d.who = who
	return d.s, d.err
}

func TestWhy_AsksForThePersonAndUsesTheClock(t *testing.T) {
	t.Parallel()
	dir := &oneDirectory{s: scene(func(s *Snapshot) { s.Mailbox.AccountExpires = eas.Present(noon) })}
	for now, want := range map[time.Time]Verdict{noon.Add(-time.Second): OK, noon: Blocked} {
		r, err := Engine{Directory: dir, Now: func() time.Time { return now }}.Why(t.Context(),
			eas.Lookup{Address: "anna"}, "")
		if err != nil || r.Verdict != want {
			t.Errorf("at %s: %s, %v; want %s", now, r.Verdict, err, want)
		}
	}
	if dir.who.Address != "anna" {
		t.Errorf("asked for %v", dir.who)
	}
	if r, err := (Engine{Directory: dir}).Why(t.Context(), eas.Lookup{Address: "anna"}, ""); err != nil ||
		r.Mailbox != "anna@example.com" {
		t.Errorf("without a clock: %v, %v", r.Mailbox, err)
	}
}

func TestWhyPhone_IsAboutThatVeryPhoneOrAboutAll(t *testing.T) {
	t.Parallel()
	dir := &oneDirectory{s: scene(has(phone("ApplDQ7", eas.StateQuarantined, eas.ReasonGlobal),
		phone("ApplDQ71", eas.StateAllowed, eas.ReasonIndividual)), allowed("ApplDQ71"))}
	for id, want := range map[string]struct {
		missing bool
		devices int
	}{"appldq7": {false, 1}, "ApplDQ71": {false, 1}, "ApplDQ": {true, 2}, "iPhone": {true, 2}, "": {false, 2}} {
		r, missing, err := Engine{Directory: dir}.WhyPhone(t.Context(), eas.Lookup{Address: "anna"}, id)
		if err != nil || missing != want.missing || len(r.Devices) != want.devices {
			t.Errorf("%q: missing %v, %d devices, %v", id, missing, len(r.Devices), err)
		}
	}
	dir.s.Devices = Source[[]eas.Device]{From: boxDN, Err: errRefused}
	if r, missing, err := (Engine{Directory: dir}).WhyPhone(t.Context(), eas.Lookup{Address: "anna"},
		"ApplDQ7"); err != nil || missing || len(r.Devices) != 0 {
		t.Errorf("phones that could not be read are said to be missing: %v, %v", missing, err)
	}
}

func TestWhy_KeepsTheDirectorysError(t *testing.T) {
	t.Parallel()
	for _, want := range []error{eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrUnavailable} {
		_, err := Engine{Directory: &oneDirectory{err: fmt.Errorf("search: %w", want)}}.Why(t.Context(),
			eas.Lookup{Address: "x"}, "")
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestReport_JSONHasTheContractsNamesAndNoNullArrays(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(Diagnose(scene(), Options{Now: noon}))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"findings", "trace", "devices", "unread"} {
		if _, ok := got[key].([]any); !ok {
			t.Errorf("%s = %v, want an array", key, got[key])
		}
	}
	names := []string{}
	for _, line := range got["trace"].([]any) {
		names = append(names, line.(map[string]any)["step"].(string))
	}
	want := []string{"mailbox", "account", "activesync", "policy", "access", "limit", "permissions", "server"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	rights := got["rights"].(map[string]any)
	if rights["create_container"] != true || rights["change_permissions"] != true || rights["create_device"] != true {
		t.Errorf("rights = %v", rights)
	}
	r := Diagnose(scene(has(phone("A1", eas.StateQuarantined, eas.ReasonGlobal))), Options{Now: noon})
	raw, err = json.Marshal(map[string]any{"verdict": r.Verdict, "device": r.Devices[0],
		"finding": r.Findings[0].Evidence[0]})
	if err != nil {
		t.Fatal(err)
	}
	const exact = `{"device":{"id":"A1","type":"iPhone","model":"iPhone14C5","os":"iOS 18.1 22B83",` +
		`"user_agent":"Apple-iPhone14C5/2202.83",` +
		`"state":"quarantined","reason":"global","predicted":{"state":"quarantined","reason":"global"}},` +
		`"finding":{"dn":"CN=iPhone§A1,CN=ExchangeActiveSyncDevices,CN=Anna Berger,OU=Staff,DC=example,DC=com",` +
		`"attribute":"msExchDeviceAccessState","value":"3 (quarantined)"},` +
		`"verdict":"quarantined"}`
	if diff := cmp.Diff(exact, string(raw)); diff != "" {
		t.Error(diff)
	}
	for _, unread := range []*Snapshot{scene(func(s *Snapshot) { s.UserSD.Err = errRefused }),
		scene(func(s *Snapshot) { removeMailbox(&s.Mailbox) })} {
		raw, err := json.Marshal(Diagnose(unread, Options{Now: noon}).Rights)
		want := `{"create_container":null,"change_permissions":null,"create_device":null,"because":[]}`
		if err != nil || string(raw) != want {
			t.Errorf("rights = %s, %v; want %s", raw, err, want)
		}
	}
}

func TestDevice_IsChosenByIDOrPartOfAName(t *testing.T) {
	t.Parallel()
	s := scene(has(
		phone("ApplDQ7", eas.StateQuarantined, eas.ReasonGlobal),
		phone("ApplDQ77", eas.StateQuarantined, eas.ReasonGlobal,
			func(d *eas.Device) { d.FriendlyName = "Anna's tablet" }),
		phone(
			"probe",
			eas.StateAllowed,
			eas.ReasonGlobal,
			func(d *eas.Device) { d.Type = eas.Present("EASProbeDeviceType") },
		),
	))
	for want, ids := range map[string][]string{
		"":        {"ApplDQ7", "ApplDQ77"},
		"appldq7": {"ApplDQ7"},
		"DQ7":     {"ApplDQ7", "ApplDQ77"},
		" TABLET": {"ApplDQ77"},
		"probe":   {},
		"pixel":   {},
	} {
		got := []string{}
		for _, dev := range Diagnose(s, Options{Now: noon, Device: want}).Devices {
			got = append(got, dev.ID)
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", want, diff)
		}
	}
}
