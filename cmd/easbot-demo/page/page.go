// Package page draws a fake Slack (internal/fakeslack) in the browser, and looks like Slack: one page per person, on
// which commands are typed, buttons pressed and modals filled. Only the demo needs it. All HTML is made here, on the
// server; the page's script puts it in place.
package page

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"easbot/internal/fakeslack"
)

//go:embed static
var static embed.FS

var pages = template.Must(template.ParseFS(static, "static/*.html"))

// Options say what the page offers beside Slack itself. All of it may be left out.
type Options struct {
	Buttons []Button
	Tips    []string // things to try, shown on the first visit
	Hints   []string // completions of the command in the composer, "why", "devices"
	// Shortcuts are the message shortcuts of the app; easbot's own when nil.
	Shortcuts []Shortcut
	// Hosts are names, besides localhost and addresses, under which browsers may reach the page.
	Hosts []string
	Now   func() time.Time
}

// Shortcut is an entry of a message's menu.
type Shortcut struct{ CallbackID, Label string }

// Button is an extra button of the page that makes something happen outside Slack.
type Button struct {
	ID, Label string
	Do        func(ctx context.Context) error
}

// Page shows a workspace. It is an http.Handler, also for the workspace's own addresses: the page and Slack's API may
// stand behind one listener. Close ends the streams to browsers.
type Page struct {
	workspace *fakeslack.Workspace
	opts      Options
	mux       *http.ServeMux
	seen      readMarks

	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex // guards the begin of tasks against Close
	tasks  sync.WaitGroup
}

// New makes the page of a workspace.
func New(w *fakeslack.Workspace, opts Options) *Page {
	if opts.Shortcuts == nil {
		opts.Shortcuts = []Shortcut{{CallbackID: "eas.explain", Label: "Explain this"}}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	p := &Page{workspace: w, opts: opts, mux: http.NewServeMux()}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.addRoutes()
	return p
}

// ServeHTTP serves the page, and what the workspace serves.
func (p *Page) ServeHTTP(rw http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(rw, r) }

// Close ends all streams and waits for them. It may be called twice.
func (p *Page) Close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.tasks.Wait()
}

// beginTask registers something that Close waits for; false means that the page is closed. The caller calls
// tasks.Done at the end.
func (p *Page) beginTask() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return false
	}
	p.tasks.Add(1)
	return true
}

// policy lets the page load nothing but its own script and style sheets, and no inline ones.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

func (p *Page) addRoutes() {
	page := func(pattern string, serve http.HandlerFunc) { p.mux.HandleFunc(pattern, p.guardRoute(serve)) }
	page("GET /{$}", p.redirectToFirstPerson)
	page("GET /as/{who}", p.redirectToFirstChannel)
	page("GET /as/{who}/{place}", p.servePage)
	page("GET /as/{who}/stream", p.serveStream)
	page("POST /as/{who}/do", p.serveDeed)
	page("GET /static/people.css", p.servePeople)
	page("GET /static/page.js", serveFile("page.js", "text/javascript"))
	page("GET /static/page.css", serveFile("page.css", "text/css"))
	page("GET /favicon.ico", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	p.mux.Handle("/", p.workspace)
}

// guardRoute refuses foreign names, and sets the headers of every answer of the page.
func (p *Page) guardRoute(serve http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if !p.isOwnHost(r.Host) {
			http.Error(rw, "unknown host", http.StatusMisdirectedRequest)
			return
		}
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		serve(rw, r)
	}
}

// isOwnHost refuses names that are not ours, so that a foreign page cannot reach this one by pointing its own name
// here. Addresses cannot be pointed elsewhere.
func (p *Page) isOwnHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return net.ParseIP(strings.Trim(name, "[]")) != nil || name == "localhost" || slices.Contains(p.opts.Hosts, name)
}

func (p *Page) redirectToFirstPerson(rw http.ResponseWriter, r *http.Request) {
	http.Redirect(rw, r, "/as/"+p.workspace.Users()[0].Name, http.StatusFound)
}

func (p *Page) redirectToFirstChannel(rw http.ResponseWriter, r *http.Request) {
	client, err := p.clientOf(r)
	if err != nil {
		http.NotFound(rw, r)
		return
	}
	path := "/as/" + template.URLQueryEscaper(r.PathValue("who")) + "/" + client.Channels[0].ID
	http.Redirect(rw, r, path, http.StatusFound)
}

var errNobody = errors.New("nobody of that name has a client")

// clientOf returns the client of the person whom a request's path names.
func (p *Page) clientOf(r *http.Request) (fakeslack.Client, error) {
	who := r.PathValue("who")
	for _, u := range p.workspace.Users() {
		if u.Name != who && u.ID != who {
			continue
		}
		if client, ok := p.workspace.ClientOf(u.ID); ok {
			return client, nil
		}
	}
	return fakeslack.Client{}, errNobody
}

func serveFile(name, kind string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		data, err := static.ReadFile("static/" + name)
		if err != nil {
			http.Error(rw, "missing file", http.StatusInternalServerError)
			return
		}
		rw.Header().Set("Content-Type", kind+"; charset=utf-8")
		_, _ = rw.Write(data)
	}
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// servePeople is the style sheet of the avatars' colours: the page allows no inline style.
func (p *Page) servePeople(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/css; charset=utf-8")
	palette := []string{"#1264a3", "#2e7d32", "#a15c00", "#7b3fa0", "#b3261e", "#00695c"}
	for i, u := range p.workspace.Users() {
		c := u.Colour
		if !colour.MatchString(c) {
			c = palette[i%len(palette)]
		}
		_, _ = fmt.Fprintf(rw, ".p-%s{background:%s}\n", u.ID, c)
	}
}
