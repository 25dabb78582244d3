package ad

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"easbot/internal/eas"
	"easbot/internal/eas/eastest"
)

func TestMaxDevices_FindsTheLimitInsideTheString(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]int{
		"MaxConcurrency~10~MaxBurst~480000~MaxDevices~25": 25,
		"con:10;EasMaxDevices:7":                          7,
		"MaxDevices=0":                                    0,
		"maxdevices=3,other=4":                            3,
		"MaxDevices~unlimited":                            -1,
		"MaxDevices":                                      -1,
		"MaxDevices~-4":                                   -1,
		"":                                                -1,
		"MaxDeviceDeletesPerMonth~5":                      -1,
	} {
		got, ok := maxDevices(state)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", state, got, want)
		}
	}
}

func TestParseRange_SplitsTheOptionOff(t *testing.T) {
	t.Parallel()
	type parts struct {
		Name    string
		Next    int
		Partial bool
	}
	for attr, want := range map[string]parts{
		"member":                          {"member", 0, false},
		"member;range=0-1499":             {"member", 1500, true},
		"member;Range=1500-*":             {"member", 0, false},
		"userCertificate;binary":          {"userCertificate;binary", 0, false},
		"member;range=5-2":                {"member", 0, false},
		"member;range=":                   {"member", 0, false},
		"member;range=0-1499999999999999": {"member", 1500000000000000, true},
	} {
		var got parts
		got.Name, got.Next, got.Partial = parseRange(attr)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", attr, diff)
		}
	}
}

func TestParentDN_HeedsEscapes(t *testing.T) {
	t.Parallel()
	for dn, want := range map[string]string{
		"CN=a,OU=b,DC=c":         "OU=b,DC=c",
		`CN=Rossi\, Carla,OU=b`:  "OU=b",
		`CN=a\\,OU=b`:            "OU=b",
		"DC=com":                 "",
		"":                       "",
		`CN=iPhone§1\2C2,CN=x`:   "CN=x",
		`CN=§,CN=ü,OU=Straße,DC`: "CN=ü,OU=Straße,DC",
	} {
		if got := parentDN(dn); got != want {
			t.Errorf("%q: %q, want %q", dn, got, want)
		}
	}
}

func TestIsBelow_ComparesNamesAndNotText(t *testing.T) {
	t.Parallel()
	const user = "CN=Anna,OU=Staff,DC=example,DC=com"
	for dn, want := range map[string]bool{
		"CN=x,CN=Y,cn=anna,ou=staff,dc=EXAMPLE,dc=com": true,
		user: true,
		"CN=x,CN=Hanna,OU=Staff,DC=example,DC=com":         false,
		"CN=x\\,CN=Anna,OU=Staff,DC=example,DC=com":        false,
		"OU=Staff,DC=example,DC=com":                       false,
		"no dn":                                            false,
		"CN=Anna,OU=Staff,DC=example,DC=com,DC=attacker":   false,
		"CN=x,CN=Anna, OU=Staff, DC=example, DC=com":       true,
		"CN=x,CN=Anna,OU=Staff,DC=example,DC=com,DC=local": false,
	} {
		if got := isBelow(dn, user); got != want {
			t.Errorf("%q: %v, want %v", dn, got, want)
		}
	}
}

func TestTimes_AreReadAsActiveDirectoryWritesThem(t *testing.T) {
	t.Parallel()
	e := ldap.NewEntry("CN=x", map[string][]string{
		"a": {"20261121080910.0Z"}, "b": {"20261121080910Z"}, "c": {"yesterday"},
		"never": {"9223372036854775807"}, "zero": {"0"}, "ft": {"132223104000000000"}, "bad": {"x"},
	})
	want := time.Date(2026, 11, 21, 8, 9, 10, 0, time.UTC)
	for attr, want := range map[string]time.Time{"a": want, "b": want, "c": {}, "absent": {}} {
		if got := timeOf(e, attr); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", attr, got, want)
		}
	}
	for attr, want := range map[string]time.Time{"never": {}, "zero": {}, "bad": {}, "absent": {},
		"ft": time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := fileTimeOf(e, attr); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", attr, got, want)
		}
	}
}

func TestDecodeMailbox_PrimaryAddressIsTheOneInCapitals(t *testing.T) {
	t.Parallel()
	m := decodeMailbox(inFull(ldap.NewEntry("CN=x", map[string][]string{
		"mail":               {"old@example.com"},
		"proxyAddresses":     {"smtp:b@example.com", "SMTP:a@example.com", "X500:/o=x", "sip:a@example.com"},
		"userAccountControl": {"512"}, "msDS-User-Account-Control-Computed": {
			fmt.Sprint(eas.AccountLockedOut | eas.AccountPasswordExpired | 512 | 0x10000),
		},
		"MSEXCHMOBILEALLOWEDDEVICEIDS": {"X"}, // servers may spell it as they like
	}))[0])
	want := eastest.Full(eas.Mailbox{DN: "CN=x", Address: "a@example.com",
		Addresses: []string{"b@example.com", "a@example.com"}, AccountControl: eas.Present(512),
		ComputedControl: eas.Present(eas.AccountLockedOut | eas.AccountPasswordExpired | 512 | 0x10000),
		AllowedIDs:      eas.Present([]string{"X"})})
	// Every account has these, so they are hidden here.
	want.AccountExpires, want.PasswordLastSet, want.BadPasswordCount = m.AccountExpires, m.PasswordLastSet,
		m.BadPasswordCount
	if m.AccountExpires.IsReadable() || m.PasswordLastSet.IsReadable() || m.BadPasswordCount.IsReadable() {
		t.Error("what every account has is not absent")
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
}

func TestWrapError_SaysWhatItIsAndWhetherToRetry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		want  error
		retry bool
	}{
		"insufficient rights": {ldap.NewError(ldap.LDAPResultInsufficientAccessRights, errors.New("00002098: SecErr")),
			eas.ErrRefused, false},
		"constraint":     {ldap.NewError(ldap.LDAPResultConstraintViolation, errors.New("x")), eas.ErrRefused, false},
		"wrong password": {ldap.NewError(ldap.LDAPResultInvalidCredentials, errors.New("x")), eas.ErrRefused, false},
		"no such object": {ldap.NewError(ldap.LDAPResultNoSuchObject, errors.New("x")), eas.ErrNotFound, false},
		"busy":           {ldap.NewError(ldap.LDAPResultBusy, errors.New("x")), eas.ErrUnavailable, true},
		"network":        {ldap.NewError(ldap.ErrorNetwork, errors.New("reset")), eas.ErrUnavailable, true},
		"dial":           {errors.New("connection refused"), eas.ErrUnavailable, true},
		"ambiguous":      {fmt.Errorf("x: %w", eas.ErrAmbiguous), eas.ErrAmbiguous, false},
	} {
		err := wrapError("read user", "ldaps://dc1", c.err)
		var typed *Error
		if !errors.Is(err, c.want) || !errors.As(err, &typed) || typed.Retryable != c.retry ||
			typed.Op != "read user" || typed.Server != "ldaps://dc1" {
			t.Errorf("%s: %#v", name, err)
		}
		if again := wrapError("other", "", err); !errors.Is(again, err) || again.Error() != err.Error() {
			t.Errorf("%s: wrapped twice: %v", name, again)
		}
	}
	if wrapError("x", "y", nil) != nil {
		t.Error("no error became one")
	}
}

func TestOpen_NamesEveryFault(t *testing.T) {
	t.Parallel()
	good := Options{URLs: []string{"ldaps://dc1.example.com"}, BindDN: "svc", Password: "secret"}
	for name, change := range map[string]func(*Options){
		"no URL":                    func(o *Options) { o.URLs = nil },
		"no password":               func(o *Options) { o.Password = "" },
		"no account":                func(o *Options) { o.BindDN = "" },
		"password in the clear":     func(o *Options) { o.URLs = []string{"ldap://dc1"} },
		"another scheme":            func(o *Options) { o.URLs = []string{"http://dc1"} },
		"no host":                   func(o *Options) { o.URLs = []string{"ldaps://"} },
		"a path":                    func(o *Options) { o.URLs = []string{"ldaps://dc1/dc=x"} },
		"credentials in the URL":    func(o *Options) { o.URLs = []string{"ldaps://a:b@dc1"} },
		"no such CA file":           func(o *Options) { o.CAFile = "/does/not/exist" },
		"a CA file without any":     func(o *Options) { o.CAFile = "decode_test.go" },
		"one good URL, one bad URL": func(o *Options) { o.URLs = append(o.URLs, "x") },
	} {
		opt := good
		change(&opt)
		if d, err := Open(opt); err == nil {
			t.Errorf("%s: accepted", name)
			_ = d.Close()
		}
	}
	both := good
	both.URLs, both.Password = []string{"ldap://dc1", "http://dc2"}, ""
	_, err := Open(both)
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("want three faults at once: %v", err)
	}
	d, err := Open(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	starttls := good
	starttls.URLs, starttls.StartTLS = []string{"ldap://dc1", "ldaps://dc2:3269"}, true
	d, err = Open(starttls)
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{d.controllers[0].address, d.controllers[1].address}; !cmp.Equal(got,
		[]string{"dc1:389", "dc2:3269"}) {
		t.Errorf("addresses %v", got)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
