package lab

import (
	"bytes"
	"context"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"easbot/internal/world"
)

// domainScript runs on the Python of the system, which is what Debian's python3-samba is made for.
//
//go:embed domain.py
var domainScript string

const (
	systemPython  = "/usr/bin/python3"
	provisionData = "/usr/share/samba/setup"
)

// ADDomain is a running domain controller with the example organisation in it. Its accounts and their passwords are
// those of package world: world.ServiceAccount has exactly world.ServiceRights, and "Authenticated Users" may not read
// users, which is the strictest way a domain can be set up.
type ADDomain struct {
	World *world.World
	URL   string // ldaps://127.x.y.z:636
	// StartTLSURL is the same server without TLS from the start.
	StartTLSURL string
	CAFile      string // PEM file of the authority
	RootCAs     *x509.CertPool

	dir     string
	samba   string
	address string
	process *process
}

var theDomain struct {
	sync.Mutex
	d   *ADDomain
	err error
}

// Domain returns this test binary's domain controller, running. The first call makes it, which takes some seconds.
// Tests that change what others look at put it back.
func Domain(t testing.TB) *ADDomain {
	t.Helper()
	samba := requireSamba(t)
	theDomain.Lock()
	defer theDomain.Unlock()
	if theDomain.d == nil && theDomain.err == nil {
		theDomain.d, theDomain.err = newDomain(samba, templateAge)
	}
	if theDomain.err != nil {
		t.Fatalf("domain controller: %v", theDomain.err)
	}
	if err := theDomain.d.ensureRunning(); err != nil {
		t.Fatalf("start the domain controller: %v", err)
	}
	return theDomain.d
}

// OwnDomain returns a domain controller that nobody else looks at, for a test that makes so much that clearing it away
// would take longer than a new domain does. It runs until the test ends.
func OwnDomain(t testing.TB) *ADDomain {
	t.Helper()
	d, err := newDomain(requireSamba(t), templateAge)
	if err != nil {
		t.Fatalf("domain controller: %v", err)
	}
	t.Cleanup(d.Stop)
	if err := d.ensureRunning(); err != nil {
		t.Fatalf("start the domain controller: %v", err)
	}
	return d
}

// PrepareDomain provisions the domain that Domain and OwnDomain copy, unless there is one that lasts for a whole run of
// the tests. An error that is ErrMissing names what a domain needs and is not there.
func PrepareDomain() error {
	samba, err := findSamba()
	if err != nil {
		return err
	}
	defer runClosers()
	_, err = newDomain(samba, templateAge/2)
	return err
}

// requireSamba returns the path of samba, and ends a test that cannot have a domain here.
func requireSamba(t testing.TB) string {
	t.Helper()
	samba, err := findSamba()
	if err != nil {
		CannotRunHere(t, "%v", err)
	}
	return samba
}

// findSamba returns the path of samba when all is there that a domain needs.
func findSamba() (string, error) {
	samba, err := lookForProgram("samba (samba-ad-dc on newer releases)", "samba")
	if err != nil {
		return "", err
	}
	if _, err := lookForProgram("samba-common-bin", "samba-tool"); err != nil {
		return "", err
	}
	if os.Getuid() != 0 {
		return "", fmt.Errorf("%w: a Samba domain controller needs root for its ports and descriptors", ErrMissing)
	}
	if _, err := os.Stat(provisionData); err != nil {
		return "", fmt.Errorf("%w: Samba's provisioning data is not installed; Debian package samba-ad-provision: %w",
			ErrMissing, err)
	}
	return samba, nil
}

// newDomain makes a domain that does not run yet, out of a template that is younger than maxAge.
func newDomain(samba string, maxAge time.Duration) (*ADDomain, error) {
	dir, err := tempDir("ad")
	if err != nil {
		return nil, err
	}
	// Samba's ports are fixed, so every test binary takes an address of its own out of the loopback network.
	ip := RandomLoopback()
	d := &ADDomain{
		World: world.New("DC=example,DC=com", time.Now()), dir: dir, samba: samba, address: ip.String(),
		URL: "ldaps://" + ip.String() + ":636", StartTLSURL: "ldap://" + ip.String() + ":389",
		CAFile: filepath.Join(dir, "ca.pem"),
	}
	// The certificate also names the address on which tests put proxies.
	if d.RootCAs, err = writeCertificates(dir, ip, net.IPv4(127, 0, 0, 1)); err != nil {
		return nil, err
	}
	if err := os.WriteFile(d.configFile(), []byte(d.configText()), 0o600); err != nil {
		return nil, err
	}
	for _, sub := range []string{"private", "state", "lock", "cache", "run"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	atExit(d.Stop)
	key, err := d.contentKey()
	if err != nil {
		return nil, err
	}
	return d, fromTemplate(dir, key, maxAge, d.makeDomain)
}

// contentKey names what the domain is made of: Samba's version, the script and the input, but for its times and paths.
func (d *ADDomain) contentKey() (string, error) {
	version, err := exec.Command(d.samba, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("version of Samba: %w", err)
	}
	still := ADDomain{World: world.New(d.World.BaseDN, time.Time{})}
	input, err := json.Marshal(still.scriptInput())
	if err != nil {
		return "", err
	}
	return templateKey(version, []byte(domainScript), input), nil
}

func (d *ADDomain) configFile() string { return filepath.Join(d.dir, "smb.conf") }

func (d *ADDomain) configText() string {
	lines := []string{
		"[global]",
		"workgroup = " + d.World.NetBIOS, "realm = " + strings.ToUpper(d.World.DNSDomain), "netbios name = DC1",
		"server role = active directory domain controller",
		"server services = ldap", "dcerpc endpoint servers = ", "disable netbios = yes",
		"interfaces = " + d.address + "/8", "bind interfaces only = yes",
		"ldap server require strong auth = allow_sasl_over_tls",
		"tls certfile = " + d.dir + "/cert.pem", "tls keyfile = " + d.dir + "/key.pem",
		"tls cafile = " + d.dir + "/ca.pem",
		"private dir = " + d.dir + "/private", "state directory = " + d.dir + "/state",
		"lock directory = " + d.dir + "/lock",
		"cache directory = " + d.dir + "/cache", "pid directory = " + d.dir + "/run",
		"ncalrpc dir = " + d.dir + "/ncalrpc",
		"binddns dir = " + d.dir + "/binddns", "logging = file", "log file = " + d.dir + "/log",
		"ldb:nosync = yes", "tdb:nosync = yes",
		"[sysvol]", "path = " + d.dir + "/state/sysvol",
		"[netlogon]", "path = " + d.dir + "/state/sysvol/scripts",
	}
	return strings.Join(lines, "\n") + "\n"
}

// makeDomain makes the domain and fills it.
func (d *ADDomain) makeDomain() error {
	input, err := json.Marshal(d.scriptInput())
	if err != nil {
		return err
	}
	cmd := exec.Command(systemPython, "-c", domainScript)
	cmd.Stdin = bytes.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("provision: %w\n%s", err, out)
	}
	return nil
}

// scriptInput is what domain.py reads.
func (d *ADDomain) scriptInput() map[string]any {
	var classes []world.Class
	for _, c := range world.Classes() {
		if c.Exchange {
			classes = append(classes, c)
		}
	}
	var attributes []world.Attribute
	for _, a := range world.Attributes() {
		if a.Exchange {
			attributes = append(attributes, a)
		}
	}
	var steps []map[string]any
	for _, s := range d.World.Steps {
		step := map[string]any{"By": s.By, "Edit": s.Edit, "Join": s.Join}
		if s.Add != nil {
			attrs := map[string][][]byte{} // values in base64
			for name, values := range s.Add.Attrs {
				for _, v := range values {
					attrs[name] = append(attrs[name], []byte(v))
				}
			}
			step["Add"] = map[string]any{"DN": s.Add.DN, "Attrs": attrs, "Password": s.Add.Password}
		}
		steps = append(steps, step)
	}
	return map[string]any{
		"conf": d.configFile(), "realm": strings.ToUpper(d.World.DNSDomain), "netbios": d.World.NetBIOS,
		"admin_password": world.AdminPassword,
		"attributes":     attributes, "classes": classes, "user_attributes": world.UserAttributes,
		"steps": steps, "closed": true,
	}
}

// ensureRunning runs the server when it does not run yet, and waits until it listens.
func (d *ADDomain) ensureRunning() error {
	if d.process != nil {
		select {
		case <-d.process.done:
			return fmt.Errorf("has ended: %w\n%s", d.process.err, d.process.lastOutput())
		default:
			return nil
		}
	}
	p, err := startProcess(d.samba, "-F", "-M", "single", "--no-process-group", "-s", d.configFile())
	if err != nil {
		return err
	}
	d.process = p
	for _, port := range []string{"389", "636"} {
		if err := waitFor(p, func(ctx context.Context) error {
			return checkListens(ctx,
				net.JoinHostPort(d.address, port))
		}); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends the server, as an outage. Domain and StartAgain bring it back with all that was written.
func (d *ADDomain) Stop() {
	d.process.stopGently()
	d.process = nil
}

// StartAgain brings a stopped server back.
func (d *ADDomain) StartAgain(t testing.TB) {
	t.Helper()
	if err := d.ensureRunning(); err != nil {
		t.Fatalf("start the domain controller: %v", err)
	}
}

// LogTail returns the end of the server's log, for a failing test's message.
func (d *ADDomain) LogTail() string {
	log, err := os.ReadFile(filepath.Join(d.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-4000):])
}
