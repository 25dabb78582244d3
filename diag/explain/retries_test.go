package explain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tallyOf counts a log whose lines are given without their beginnings: seconds, then the rest.
func tallyOf(t *testing.T, every int, requests ...string) Tally {
	t.Helper()
	var b strings.Builder
	b.WriteString("#Fields: date time cs-uri-stem cs-uri-query sc-status sc-substatus sc-win32-status\n")
	for i, r := range requests {
		at := i * every
		fmt.Fprintf(&b, "2024-03-%02d %02d:%02d:%02d /Microsoft-Server-ActiveSync/default.eas %s\n", 7+at/86400,
			at/3600%24, at/60%60, at%60, r)
	}
	var c Counter
	if err := c.Read(strings.NewReader(b.String())); err != nil {
		t.Fatal(err)
	}
	return c.Tally(9)
}

func times(n int, requests ...string) []string {
	var out []string
	for range n {
		out = append(out, requests...)
	}
	return out
}

func TestCounter_WhatIsNormalIsNoCause(t *testing.T) {
	t.Parallel()
	const (
		challenge  = "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone 401 2 5"
		wrong      = "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone 401 1 1326"
		fine       = "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_SC1:1_As:AllowedG 200 0 0"
		policy     = "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_S:142_As:BlockedP 449 0 0"
		provision  = "Cmd=Provision&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_SC1:1_As:BlockedP 200 0 0"
		first      = "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_Fid:%d_Sk0_SC1:1 200 0 0"
		folderSync = "Cmd=FolderSync&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_SC1:1_As:AllowedG 200 0 0"
		empty      = "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_Fid:5_Sk77_SC1:1 200 0 0"
	)
	var folders []string
	for i := range 40 {
		folders = append(folders, fmt.Sprintf(first, i))
	}
	for name, c := range map[string]struct {
		every    int
		requests []string
		want     string // the first cause and its count
	}{
		"the logon follows":           {1, times(20, challenge, fine), ""},
		"no logon follows":            {1, times(5, challenge), "basic-authentication-off 5"},
		"many refusals, then a logon": {1, append(times(6, challenge), fine), "basic-authentication-off 6"},
		"a wrong password at once":    {1, []string{wrong, fine}, "wrong-password 1"},
		"a new phone":                 {1, []string{policy, provision, fine}, ""},
		"a new phone, in parallel":    {1, append(times(4, policy), provision, provision, fine), ""},
		"each day a new policy":       {86400, times(20, policy, provision, fine), ""},
		"never takes the policy":      {1, []string{policy, policy}, "policy-not-met 2"},
		"takes it without end":        {1, times(30, policy, provision), "phone-loops 30"},
		"folders without end":         {2, times(40, folderSync), "phone-loops 40"},
		"folders now and then":        {2, times(40, folderSync, fine), ""},
		"each folder begins once":     {1, folders, ""},
		"asks for mail, gets none":    {300, times(40, empty), ""},
		"the same key without end":    {2, times(40, empty), "phone-loops 40"},
		"key 0 each hour and a half":  {5400, times(40, strings.ReplaceAll(first, "%d", "5")), ""},
		"key 0 each minute":           {60, times(40, strings.ReplaceAll(first, "%d", "5")), "phone-loops 40"},
	} {
		got := ""
		if tally := tallyOf(t, c.every, c.requests...); len(tally.Causes) > 0 {
			got = fmt.Sprint(tally.Causes[0].Code, " ", tally.Causes[0].Count)
		}
		if got != c.want {
			t.Errorf("%s: %q instead of %q", name, got, c.want)
		}
	}
}

func TestCounter_SaysHowOftenAPhoneLoops(t *testing.T) {
	t.Parallel()
	again := "Cmd=Sync&User=a&DeviceId=A1&DeviceType=iPhone&Log=V161_Fid:5_Sk0_SC1:1 200 0 0"
	blocked := "Cmd=Ping&User=b&DeviceId=B2&DeviceType=iPhone&Log=V161_S:129_As:BlockedI 403 0 0"
	tally := tallyOf(t, 30, times(60, again, blocked)...)
	want := []Loop{
		{
			Code: "phone-loops", Pattern: "Often:Answer", Cause: "device-blocked-individually", User: "b", Device: "B2",
			Type: "iPhone", Command: "Ping", Count: 60, First: "2024-03-07T00:00:30Z", Last: "2024-03-07T00:59:30Z",
			PerHour: 61,
		},
		{
			Code: "phone-loops", Pattern: "Often:SyncKey0", User: "a", Device: "A1", Type: "iPhone", Command: "Sync",
			Count: 60, First: "2024-03-07T00:00:00Z", Last: "2024-03-07T00:59:00Z", PerHour: 61,
		},
	}
	if d := cmp.Diff(want, tally.Loops); d != "" {
		t.Error(d)
	}
	// A loop that has a cause of its own is that cause.
	var causes []string
	for _, s := range tally.Causes {
		causes = append(causes, fmt.Sprint(s.Code, " ", s.Count, " ", s.First))
	}
	first := []string{"phone-loops 60 2024-03-07T00:00:00Z", "device-blocked-individually 60 "}
	if d := cmp.Diff(first, causes); d != "" {
		t.Error(d)
	}
}
