package ad

import (
	"errors"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
)

func entry(dn, class string, attrs ...string) *ldap.Entry {
	m := map[string][]string{"objectClass": {"top", class}}
	for i := 0; i < len(attrs); i += 2 {
		m[attrs[i]] = []string{attrs[i+1]}
	}
	return ldap.NewEntry(dn, m)
}

func TestOrganisation_WhatExchangeAlwaysHasAndIsNotSeenIsUnread(t *testing.T) {
	t.Parallel()
	o := newOrganisation()
	o.sortSettings(nil)
	for name, err := range map[string]error{"level": o.DefaultLevel.Err, "rules": o.Rules.Err,
		"policies": o.Policies.Err, "limits": o.MaxDevices.Err} {
		if !errors.Is(err, eas.ErrRefused) {
			t.Errorf("%s: %v, want eas.ErrRefused", name, err)
		}
	}
}

func TestOrganisation_SettingsWithoutVisiblePermissionsAndLevelAreUnread(t *testing.T) {
	t.Parallel()
	o := newOrganisation()
	o.sortSettings(withoutPermissions(entry("CN=Mobile Mailbox Settings", "msExchMobileMailboxSettings")))
	if !errors.Is(o.DefaultLevel.Err, eas.ErrRefused) || !errors.Is(o.Rules.Err, eas.ErrRefused) {
		t.Errorf("an absent level means allow only when the object can be read: %v, %v", o.DefaultLevel.Err,
			o.Rules.Err)
	}
}

func TestOrganisation_OneRuleThatCannotBeReadMakesAllUnread(t *testing.T) {
	t.Parallel()
	o := newOrganisation()
	o.sortSettings(inFull(
		entry("CN=Mobile Mailbox Settings", "msExchMobileMailboxSettings", attrLevel, "0"),
		entry("CN=Good", "msExchDeviceAccessRule", "name", "Good", "msExchDeviceAccessRuleQueryString", "iPhone",
			"msExchDeviceAccessRuleCharacteristic", "0"),
		entry("CN=Bad", "msExchDeviceAccessRule", "name", "Bad"),
	))
	if !errors.Is(o.Rules.Err, eas.ErrRefused) {
		t.Errorf("%v, want eas.ErrRefused", o.Rules.Err)
	}
}

func TestOrganisation_TwoOfThemAreAmbiguous(t *testing.T) {
	t.Parallel()
	o := newOrganisation()
	o.sortSettings(inFull(
		entry("CN=Mobile Mailbox Settings,CN=A", "msExchMobileMailboxSettings", attrLevel, "0"),
		entry("CN=Mobile Mailbox Settings,CN=B", "msExchMobileMailboxSettings", attrLevel, "2"),
	))
	if !errors.Is(o.DefaultLevel.Err, eas.ErrAmbiguous) {
		t.Errorf("%v, want eas.ErrAmbiguous", o.DefaultLevel.Err)
	}
}

func TestOrganisation_TheBuiltInThrottlingPolicyIsTheDefault(t *testing.T) {
	t.Parallel()
	o := newOrganisation()
	o.sortSettings(inFull(
		entry("CN=Executives", "msExchThrottlingPolicy", "name", "Executives", "msExchEASThrottlingPolicyStateEx",
			"MaxDevices~50"),
		entry("CN=Global", "msExchThrottlingPolicy", "name", "GlobalThrottlingPolicy_1",
			"msExchEASThrottlingPolicyStateEx", "MaxDevices~20"),
		entry("CN=Silent", "msExchThrottlingPolicy", "name", "Silent"),
	))
	if diff := cmp.Diff(map[string]eas.Value[int]{"CN=Executives": eas.Present(50), "CN=Global": eas.Present(20),
		"CN=Silent": eas.Absent[int](), "": eas.Present(20)}, o.MaxDevices.Value); diff != "" {
		t.Error(diff)
	}
}

func TestControllersInOrder_PreferredFirstAndFailedLast(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	d, err := Open(Options{URLs: []string{"ldaps://a", "ldaps://b", "ldaps://c"}, BindDN: "x", Password: "y",
		Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	order := func(prefer string) (out string) {
		for _, c := range d.controllersInOrder(prefer) {
			out += c.url[len("ldaps://"):]
		}
		return out
	}
	for _, step := range []struct {
		what   string
		do     func()
		prefer string
		want   string
	}{
		{"as configured", func() {}, "", "abc"},
		{"the preferred one first", func() {}, "ldaps://c", "cab"},
		{"an unknown preference", func() {}, "ldaps://z", "abc"},
		{"a failed one last", func() { d.controllers[0].noteOutcome(errors.New("refused"), now) }, "", "bca"},
		{"even when preferred", func() {}, "ldaps://a", "bca"},
		{"a refusal is an answer", func() { d.controllers[1].noteOutcome(eas.ErrRefused, now) }, "", "bca"},
		{"for a while only", func() { now = now.Add(restAfterFailure) }, "", "abc"},
	} {
		step.do()
		if got := order(step.prefer); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
}
