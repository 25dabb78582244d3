package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rule says what a package must not reach, not even through others.
type rule struct {
	of     string   // a package of this module, or a folder with all below it: "internal/fakeslack/..."
	direct bool     // only its own imports count
	not    []string // prefixes of import paths
	why    string
}

const (
	modulePrefix = "easbot/"

	ldapModule  = "github.com/go-ldap/"
	redisModule = "github.com/redis/"
	asynqModule = "github.com/hibiken/asynq"
	slackModule = "github.com/slack-go/"
)

var rules = []rule{
	{of: "internal/eas", not: []string{"easbot/", "github.com/", "golang.org/", "go.yaml.in/"},
		why: "the vocabulary is spoken by everybody, so it knows nobody: standard library only"},
	{of: "internal/adsec", not: []string{"easbot/", "github.com/", "golang.org/"},
		why: "security descriptors are pure, and judged without any server"},
	{of: "diag", not: []string{"easbot/approvals", "easbot/store", "easbot/handlers", "easbot/bot",
		"easbot/internal/ad/", "easbot/internal/config", "easbot/internal/ad$", ldapModule, redisModule, slackModule,
		asynqModule, "net/http"},
		why: "a diagnosis is pure reasoning over a snapshot: neither LDAP, nor Redis, nor Slack"},
	{of: "approvals", not: []string{"easbot/diag", "easbot/store", "easbot/handlers", "easbot/bot",
		"easbot/internal/ad", "easbot/internal/config", ldapModule, redisModule, slackModule, asynqModule, "net/http"},
		why: "the workflow is pure rules on plain values: neither LDAP, nor Redis, nor Slack"},
	{of: "handlers", not: []string{"easbot/store", "easbot/internal/probe", "easbot/bot", "easbot/internal/ad$",
		"easbot/internal/config",
		ldapModule, redisModule, asynqModule},
		why: "handlers ask through small interfaces; the adapters are wired by bot"},
	{of: "handlers/view", direct: true, not: []string{"context", "log/slog", "easbot/internal/people",
		"easbot/handlers$", "net"},
		why: "a view is pure: values in, a message out"},
	{of: "internal/people", not: []string{"easbot/store", "easbot/bot", "easbot/handlers", "easbot/internal/ad$",
		"easbot/internal/config", ldapModule, redisModule, slackModule},
		why: "people are found through small interfaces; Slack's own types stop at bot and view"},
	{of: "internal/messages", not: []string{"easbot/"},
		why: "the catalogue is words and knows nobody"},
	{of: "store", not: []string{"easbot/diag", "easbot/handlers", "easbot/bot", "easbot/internal/ad$",
		"easbot/internal/config", ldapModule, slackModule},
		why: "store is Redis and nothing else"},
	{of: "internal/ad", not: []string{"easbot/store", "easbot/handlers", "easbot/bot", "easbot/internal/config",
		redisModule, slackModule, asynqModule},
		why: "the directory knows neither Redis nor Slack"},
	{of: "internal/probe", direct: true, not: []string{"easbot/diag", "easbot/internal/ad", "easbot/internal/config",
		"easbot/bot", "easbot/handlers", "github.com/", "golang.org/"},
		why: "the probe knows a host and what it saw there, nobody's name and no password"},
	{of: "internal/config", not: []string{"easbot/bot", "easbot/handlers", "easbot/store", "easbot/diag",
		"easbot/approvals", "easbot/internal/ad$", ldapModule, redisModule, slackModule},
		why: "everything may be built from the configuration, so it is built from nothing"},
	{of: "cmd/easbot", direct: true, not: []string{ldapModule, redisModule, slackModule, asynqModule},
		why: "the commands parse, build and run; the protocols stay in their adapters"},
	{of: "cmd/easbot", not: []string{"github.com/alicebob/miniredis", "github.com/jimlambrt/gldap",
		"easbot/internal/fakead", "easbot/internal/fakeslack", "easbot/internal/world", "easbot/internal/lab",
		"github.com/chromedp/", "testing$"},
		why: "the real program carries no embedded servers, no example people and no test code"},
	{of: "bot", direct: true, not: []string{ldapModule},
		why: "*ldap.Entry stops at internal/ad"},
}

// only says which packages alone may import a module, or a package of this module.
var only = map[string][]string{
	ldapModule:  {"easbot/internal/ad", "easbot/internal/fakead", "easbot/internal/lab", "easbot/internal/world"},
	redisModule: {"easbot/store", "easbot/bot", "easbot/internal/lab", "easbot/cmd/easbot-demo"},
	asynqModule: {"easbot/store", "easbot/bot"},
	slackModule: {"easbot/handlers", "easbot/bot", "easbot/internal/fakeslack"},

	// Tests and the demo only; what a test imports is not looked at.
	"easbot/internal/fakead": {"easbot/internal/fakead", "easbot/cmd/easbot-demo"},
	"easbot/internal/fakeslack": {"easbot/internal/fakeslack", "easbot/cmd/easbot-demo",
		"easbot/handlers/view/viewtest"},
	"easbot/internal/lab": {"easbot/internal/lab", "easbot/internal/ad/adtest"},
	"easbot/internal/world": {"easbot/internal/fakead", "easbot/internal/lab", "easbot/internal/ad/adtest",
		"easbot/cmd/easbot-demo"},
	"easbot/cmd/easbot-demo/page$":  {"easbot/cmd/easbot-demo"},
	"easbot/handlers/view/viewtest": {},
	"easbot/store/storetest":        {},
	"easbot/internal/eas/eastest":   {},
}

// listed is what go list says about a package.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps", "easbot/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.String())
	}
	packages := map[string]listed{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// broken returns the imports that a prefix forbids; a prefix that ends in $ is a whole path.
func broken(imports, not []string) []string {
	var bad []string
	for _, path := range imports {
		if slices.ContainsFunc(not, func(prefix string) bool {
			if whole, ok := strings.CutSuffix(prefix, "$"); ok {
				return path == whole
			}
			return strings.HasPrefix(path, prefix)
		}) {
			bad = append(bad, path)
		}
	}
	return bad
}

func TestImports_RunOneWay(t *testing.T) {
	packages := listPackages(t)
	for _, r := range rules {
		p, ok := packages[modulePrefix+r.of]
		if !ok {
			t.Errorf("no package %s: the rule is about nothing", r.of)
			continue
		}
		imports := p.Deps
		if r.direct {
			imports = p.Imports
		}
		if r.of == "internal/eas" || r.of == "internal/adsec" {
			imports = slices.DeleteFunc(slices.Clone(imports),
				func(path string) bool { return strings.HasPrefix(path, "vendor/") })
		}
		for _, path := range broken(imports, r.not) {
			t.Errorf("%s reaches %s: %s", r.of, path, r.why)
		}
	}
}

func TestImports_ProtocolsStopAtTheirAdapters(t *testing.T) {
	for path, p := range listPackages(t) {
		for module, allowed := range only {
			if len(broken(p.Imports, []string{module})) > 0 &&
				!slices.ContainsFunc(allowed,
					func(a string) bool { return path == a || strings.HasPrefix(path, a+"/") }) {
				t.Errorf("%s imports %s; only these may: %s", path, module, strings.Join(allowed, ", "))
			}
		}
	}
}

func TestImports_NoDrawerForEverything(t *testing.T) {
	for path := range listPackages(t) {
		for name := range strings.SplitSeq(path, "/") {
			if slices.Contains([]string{"util", "utils", "common", "helpers", "models", "types", "lib"}, name) {
				t.Errorf("%s: a package is named after its subject", path)
			}
		}
	}
}

func TestBroken_FindsWhatIsForbidden(t *testing.T) {
	got := broken([]string{"easbot/internal/ad", "easbot/internal/adsec", "github.com/redis/go-redis/v9"},
		[]string{"easbot/internal/ad$", redisModule})
	if !slices.Equal(got, []string{"easbot/internal/ad", "github.com/redis/go-redis/v9"}) {
		t.Errorf("found %v", got)
	}
}
