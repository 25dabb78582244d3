package diag

import (
	"reflect"
	"testing"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

func TestIn_EnglishIsWhatDiagnoseWrites(t *testing.T) {
	t.Parallel()
	for _, c := range stories() {
		r := Diagnose(c.s, Options{Now: noon, Device: c.device})
		again := r.In(messages.English)
		for _, to := range []Audience{Owner, Approver} {
			if r.Text(to) != again.Text(to) {
				t.Errorf("%s, %s:\n%s\nin English:\n%s", c.name, to, r.Text(to), again.Text(to))
			}
		}
		if again.language = ""; !reflect.DeepEqual(r, again) {
			t.Errorf("%s: more than the owner's texts changed", c.name)
		}
	}
}

// TestIn_WritesEveryTextOfTheOwnerAnew replaces the texts first: what stays did not come from the catalogue.
func TestIn_WritesEveryTextOfTheOwnerAnew(t *testing.T) {
	t.Parallel()
	for _, c := range stories() {
		r := Diagnose(c.s, Options{Now: noon, Device: c.device})
		spoilt := r
		spoilt.Headline, spoilt.Findings = "-", append([]Finding{}, r.Findings...)
		for i := range spoilt.Findings {
			spoilt.Findings[i].Plain, spoilt.Findings[i].Fix.Plain = "-", "-"
		}
		if got := spoilt.In(messages.English); got.Text(Owner) != r.Text(Owner) {
			t.Errorf("%s:\n%s\nafter In:\n%s", c.name, r.Text(Owner), got.Text(Owner))
		}
		if spoilt.Headline != "-" || len(spoilt.Findings) > 0 && spoilt.Findings[0].Plain != "-" {
			t.Errorf("%s: In changed the report that it was called on", c.name)
		}
	}
}

func TestIn_LeavesWhatDiagnoseDidNotWrite(t *testing.T) {
	t.Parallel()
	r := Report{Headline: "own words", Findings: []Finding{{Plain: "own", Fix: Fix{Plain: "also own"}}}}
	if got := r.In("xx"); got.Headline != "own words" || got.Findings[0].Plain != "own" ||
		got.Findings[0].Fix.Plain != "also own" {
		t.Errorf("%+v", got)
	}
}

func TestMessage_PutsItsPartsIntoTheSameLanguage(t *testing.T) {
	t.Parallel()
	name := message{"phone.new-ending", messages.Values{"kind": message{key: "phone.kind-android"}, "ending": "{kind}"}}
	m := message{"headline.phone-ok", messages.Values{"phone": name}}
	const want = "The mail server lets your new Android phone ending in {kind} in, so nothing here holds it back."
	if got := m.in(messages.English); got != want {
		t.Errorf("got %q", got)
	}
	// A language without the text falls back to English, for the parts as for the whole.
	if got := m.in("xx"); got != want {
		t.Errorf("got %q", got)
	}
	if got := (message{}).in(messages.English); got != "" {
		t.Errorf("the empty message is %q", got)
	}
}

func TestHeadline_CountsPhonesByTheCataloguesPluralForms(t *testing.T) {
	t.Parallel()
	waiting := []eas.Device{}
	want := []string{
		"Your new iPhone waits for approval.",
		"Your new iPhone ending in ne-1 waits for approval, and your new iPhone ending in ne-2 waits for approval.",
		"Your new iPhone ending in ne-1 waits for approval, your new iPhone ending in ne-2 waits for approval," +
			" and 1 more of your phones has a problem.",
		"Your new iPhone ending in ne-1 waits for approval, your new iPhone ending in ne-2 waits for approval," +
			" and 2 more of your phones have a problem.",
	}
	for i, headline := range want {
		id := "phone-" + string(rune('1'+i))
		waiting = append(waiting, phone(id, eas.StateQuarantined, eas.ReasonGlobal))
		if got := Diagnose(scene(has(waiting...)), Options{Now: noon}).Headline; got != headline {
			t.Errorf("%d phones: %s", i+1, got)
		}
	}
}
