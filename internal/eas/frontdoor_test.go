package eas

import (
	"strings"
	"testing"
	"time"
)

func TestFrontDoor_EachFaultHasItsCode(t *testing.T) {
	for fault, want := range map[DoorFault]string{
		NoFault: "", FaultNoName: "server-unreachable", FaultSilent: "server-unreachable", FaultRefused: "server-unreachable",
		FaultHandshake: "server-unreachable", FaultWrongName: "certificate-invalid", FaultExpired: "certificate-invalid",
		FaultAuthority: "certificate-invalid", FaultRedirect: "redirected", FaultNoBasic: "basic-authentication-off",
		FaultForbidden: "server-unreachable", FaultNotFound: "server-unreachable", FaultVerb: "server-unreachable",
		FaultServer: "server-unreachable", FaultGateway: "server-unreachable", FaultNotExchange: "server-unreachable",
	} {
		f := FrontDoor{Steps: []DoorStep{{Name: "dns"}, {Name: "options", Fault: fault}, {Name: "autodiscover", Fault: FaultNotFound}}}
		if got := strings.Join(f.CauseCodes(), " "); got != want {
			t.Errorf("%q: %q, want %q", fault, got, want)
		}
	}
}

func TestFrontDoor_ExpiresSoonWithLessThanThreeWeeksLeft(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		left time.Duration
		days int
		soon bool
	}{
		{ExpiresSoon, 21, false}, {ExpiresSoon - time.Second, 20, true}, {time.Hour, 0, true}, {0, 0, true}, {-time.Second, 0, false},
	} {
		f := FrontDoor{Asked: now, NotAfter: now.Add(c.left)}
		if days, soon := f.CertificateEnding(); days != c.days || soon != c.soon {
			t.Errorf("%s left: %d, %t; want %d, %t", c.left, days, soon, c.days, c.soon)
		}
	}
	if _, soon := (&FrontDoor{Asked: now}).CertificateEnding(); soon {
		t.Error("expiring without a certificate")
	}
	both := FrontDoor{Asked: now, NotAfter: now.Add(time.Hour), Steps: []DoorStep{{Name: "tls"}, {Name: "options", Fault: FaultNoBasic}}}
	if got := strings.Join(both.CauseCodes(), " "); got != "certificate-expiring basic-authentication-off" {
		t.Errorf("codes %q", got)
	}
}
