package view_test

import (
	"strings"
	"testing"

	"easbot/diag"
	"easbot/diag/explain"
	"easbot/handlers/view"
	"easbot/handlers/view/viewtest"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/google/go-cmp/cmp"
)

func explanationOf(text string) view.Message {
	return view.Explanation(messages.English, explain.Explain(text))
}

func TestExplanation_SaysWhatItMeansWhatNotAndWhatToDo(t *testing.T) {
	t.Parallel()
	viewtest.RequireGolden(t, "explain-event",
		explanationOf("Exchange ActiveSync doesn’t have sufficient permissions to "+
			"create the “CN=Anna Berg,OU=Staff,DC=example,DC=com” container"))
	viewtest.RequireGolden(t, "explain-line",
		explanationOf("Cmd=Sync&User=anna%40example.com&DeviceId=A1&Log=V141_As:AllowedG_S126 403 0 0 15"))
}

func TestExplanation_EveryRowFits(t *testing.T) {
	t.Parallel()
	for _, r := range explain.Rows() {
		viewtest.RequireValid(t, r.Source+" "+r.Pattern, explanationOf(r.Sample))
	}
}

// benReport is a diagnosis with one cause.
func benReport() diag.Report {
	ben := eas.Mailbox{
		GUID: "g-ben", DN: "CN=Ben Okafor,OU=Staff,DC=example,DC=com", DisplayName: "Ben Okafor",
		Address: "ben@example.com",
	}
	d := eas.Device{
		GUID: "d1", ID: "ApplBEN1", FriendlyName: "Ben's iPhone",
		State: eas.Present(eas.StateQuarantined), Reason: eas.Present(eas.ReasonGlobal),
	}
	return diag.Report{
		Mailbox: ben.Address, DN: ben.DN, Verdict: diag.Quarantined, Headline: "Your iPhone waits for approval.",
		Who:     ben,
		Server:  "ldaps://dc1",
		Devices: []diag.DeviceVerdict{{ID: d.ID, State: d.State.Shown(), Reason: d.Reason.Shown(), Device: d}},
		Trace:   []diag.TraceLine{{Step: diag.StepAccess, Outcome: diag.Fail, Detail: "the default is quarantine"}},
		Findings: []diag.Finding{{
			Code: "device-quarantined-by-default", Severity: diag.Blocking, Step: diag.StepAccess, Device: d.ID,
			Summary:  "Ben's iPhone is in quarantine, as every new phone is.",
			Plain:    "New phones wait until somebody approves them.",
			Evidence: []diag.Evidence{{DN: "CN=Ben", Attribute: "msExchDeviceAccessState", Value: "3"}},
			Fix: diag.Fix{
				Who: diag.WhoApprover, Text: "Allow this one phone.", Plain: "Ask for approval with the button.",
			},
		}},
	}
}

func TestExplanationWithCheck_OwnerAndApproverSeeTheExplanationFirst(t *testing.T) {
	t.Parallel()
	means := view.Explanation(messages.English, explain.Answer{Matches: []explain.Match{{
		Code: "device-blocked", Source: explain.SourceStatus, Pattern: "129", Summary: "This phone is blocked.",
		Not: "The password is fine.", Fix: "Allow this one phone.", Reference: "MS-ASCMD 2.2.2",
	}}})
	offers := view.Offers{Ask: []view.AskOffer{{Phone: "Ben's iPhone", Button: "ticket"}}, Recheck: "ticket"}
	owner := view.OwnerReport(messages.English, benReport(),
		offers).WithIntroduction("The text names you. This is how it stands now:")
	viewtest.RequireGolden(t, "explain-check-owner", view.ExplanationWithCheck(messages.English, means, owner))
	approver := view.ApproverReport(benReport()).
		WithIntroduction(view.OtherIntroduction(messages.English, "ben", "ApplBEN1", "Ben Okafor", false))
	viewtest.RequireGolden(t, "explain-check-approver", view.ExplanationWithCheck(messages.English, means, approver))
}

// Whatever is too long, what the text means, the verdict and the buttons stay.
func TestExplanationWithCheck_KeepsMeaningVerdictAndButtons(t *testing.T) {
	t.Parallel()
	long := explanationOf("status 126 status 140 HTTP 503 event 1053")
	for _, size := range []int{10, 1000, 5000} {
		r := hostileReport(strings.Repeat("long text ", size/10))
		r.Headline = "Your phone waits."
		offers := view.Offers{Ask: []view.AskOffer{{Phone: "x", Button: "a"}}, Recheck: "b"}
		for name, check := range map[string]view.Message{
			"owner": view.OwnerReport(messages.English, r, offers), "approver": view.ApproverReport(r),
		} {
			m := view.ExplanationWithCheck(messages.English, long, check.WithIntroduction("The text names you."))
			viewtest.RequireValid(t, name, m)
			s := viewtest.ShownText(t, m)
			if m.Size() > view.MaxBytes || len(m.Blocks) > view.MaxBlocks ||
				!strings.Contains(s, "The text names you.") || !strings.HasPrefix(s, long.Text) {
				t.Errorf("%s %d: %d bytes, %d blocks: %s", name, size, m.Size(), len(m.Blocks), s)
			}
			if diff := cmp.Diff(viewtest.ButtonsOf(check), viewtest.ButtonsOf(m)); diff != "" {
				t.Errorf("%s %d: buttons are lost: %s", name, size, diff)
			}
		}
	}
}
