package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

const (
	maxHeader = 64 << 10
	maxBody   = 16 << 10
)

// answer is a response cut down to what counts.
type answer struct {
	status int
	header http.Header
	body   []byte // of GET, at most maxBody
}

// sendRequest sends one request and reads its answer. It closes conn. Redirects, cookies and proxies of the environment do not
// exist here.
func (v *visit) sendRequest(ctx context.Context, conn net.Conn, method, path, query string) (answer, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	defer func() { _ = conn.Close() }()
	req := &http.Request{
		Method: method, URL: &url.URL{Scheme: v.scheme, Host: v.urlAuthority(), Path: path, RawQuery: query}, Host: v.urlAuthority(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Close: true, Header: http.Header{"User-Agent": {"easbot-probe"}},
	}
	if err := req.Write(conn); err != nil {
		return answer{}, fmt.Errorf("send %s: %w", method, err)
	}
	limited := io.LimitReader(conn, maxHeader+maxBody)
	r := bufio.NewReader(limited)
	for range 5 { // 1xx answers come before the real one
		resp, err := http.ReadResponse(r, req)
		if err != nil {
			return answer{}, fmt.Errorf("read the answer to %s: %w", method, err)
		}
		if resp.StatusCode < 200 {
			_ = resp.Body.Close() // always empty
			continue
		}
		// OPTIONS is judged by its header: a body that does not come must not use up the time.
		var body []byte
		if method == http.MethodGet {
			// What of the body comes is enough: broken JSON is no answer.
			body, _ = io.ReadAll(io.LimitReader(resp.Body, maxBody))
		}
		// Closing the body would read it to its end, so the connection goes first.
		_ = conn.Close()
		_ = resp.Body.Close()
		return answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
	}
	return answer{}, errors.New("the server only promises an answer")
}

// urlAuthority is the host as a URL writes it, without the scheme's own port.
func (p *Probe) urlAuthority() string {
	if p.scheme == "https" && p.port == "443" || p.scheme == "http" && p.port == "80" {
		if strings.Contains(p.host, ":") {
			return "[" + p.host + "]"
		}
		return p.host
	}
	return net.JoinHostPort(p.host, p.port)
}

// askOptions is the fourth step: a phone's first request (MS-ASHTTP 2.2.3), without a password.
func (v *visit) askOptions(ctx context.Context, conn net.Conn) {
	a, err := v.sendRequest(ctx, conn, http.MethodOptions, "/Microsoft-Server-ActiveSync", "")
	if err != nil {
		fault := connectionFault(err)
		if strings.Contains(err.Error(), "malformed") {
			fault = eas.FaultNotExchange
		}
		v.noteStep("options", fault, "no answer to OPTIONS: %s", innermostReason(err))
		return
	}
	v.result.Status = a.status
	v.result.Schemes = offeredSchemes(a.header)
	v.result.Versions = eas.Clean(a.header.Get("MS-ASProtocolVersions"), 100)
	v.result.Location = redirectTarget(a.header)
	fault, detail := v.judgeAnswer(a)
	v.noteStep("options", fault, "OPTIONS: %d, %s", a.status, detail)
}

// judgeAnswer tells answers apart. A server that wants a login sends no MS-ASProtocolVersions before it, so only a 200 without it is
// strange.
func (v *visit) judgeAnswer(a answer) (eas.DoorFault, string) {
	offered := strings.Join(v.result.Schemes, ", ")
	switch {
	case a.status == http.StatusUnauthorized && slices.Contains(v.result.Schemes, "basic"):
		return eas.NoFault, "the server asks for a password as phones send it (" + offered + ")"
	case a.status == http.StatusUnauthorized && offered == "":
		return eas.FaultNoBasic, "the server offers no way to sign in"
	case a.status == http.StatusUnauthorized:
		return eas.FaultNoBasic, "the server does not take a name and password (Basic), only " + offered
	case a.status/100 == 3 || a.status == 451:
		to := v.result.Location
		if to == "" {
			to = "nowhere"
		}
		return eas.FaultRedirect, "the server sends phones to " + to
	case a.status == http.StatusForbidden:
		return eas.FaultForbidden, "the server forbids ActiveSync: no TLS or client certificate where it wants one, or a filter of addresses"
	case a.status == http.StatusNotFound:
		return eas.FaultNotFound, "ActiveSync is not published there"
	case a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotImplemented:
		return eas.FaultVerb, "something before Exchange does not let OPTIONS through"
	case a.status == http.StatusBadGateway || a.status == http.StatusServiceUnavailable || a.status == http.StatusGatewayTimeout:
		return eas.FaultGateway, "what stands before Exchange finds no Exchange, or its service is stopped"
	case a.status >= 500:
		return eas.FaultServer, "the server failed"
	case a.status == http.StatusOK && v.result.Versions != "":
		return eas.NoFault, "ActiveSync " + v.result.Versions + ", without asking for a password"
	case a.status == http.StatusOK && strings.Contains(strings.ToLower(a.header.Get("Content-Type")), "html"):
		return eas.FaultNotExchange, "a web page answers instead of ActiveSync: another server, or the sign-in page of a proxy"
	case a.status == http.StatusOK:
		return eas.FaultNotExchange, "the answer does not name ActiveSync's versions: something before Exchange answers OPTIONS itself"
	default:
		return eas.FaultNotExchange, "Exchange does not answer so"
	}
}

var quotedString = regexp.MustCompile(`"[^"]*"?`)

// offeredSchemes are the ways to sign in that WWW-Authenticate offers, in lower case. Several in one header line are found as well.
func offeredSchemes(h http.Header) []string {
	var list []string
	for _, line := range h.Values("WWW-Authenticate") {
		for part := range strings.SplitSeq(quotedString.ReplaceAllString(line, ""), ",") {
			word, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
			// A parameter belongs to the scheme before it.
			if strings.Contains(word, "=") || strings.HasPrefix(strings.TrimSpace(rest), "=") {
				continue
			}
			word = eas.Clean(strings.ToLower(word), 30)
			if word != "" && !slices.Contains(list, word) && len(list) < 10 {
				list = append(list, word)
			}
		}
	}
	return list
}

// redirectTarget is where a redirect points. A query or a password in it is nobody's business.
func redirectTarget(h http.Header) string {
	for _, key := range []string{"X-MS-Location", "Location"} {
		if u, err := url.Parse(h.Get(key)); err == nil && h.Get(key) != "" {
			u.User, u.RawQuery, u.Fragment = nil, "", ""
			return eas.Clean(u.String(), 300)
		}
	}
	return ""
}

// askAutodiscover is the last step: does version 2 answer on this host? The address asked for belongs to nobody.
func (v *visit) askAutodiscover(ctx context.Context) {
	conn, err := v.connectAgain(ctx)
	if err != nil {
		v.noteStep("autodiscover", connectionFault(err), "no second connection: %s", innermostReason(err))
		return
	}
	query := url.Values{"Email": {"easbot-probe@" + v.host}, "Protocol": {"ActiveSync"}}.Encode()
	a, err := v.sendRequest(ctx, conn, http.MethodGet, "/autodiscover/autodiscover.json", query)
	if err != nil {
		v.noteStep("autodiscover", connectionFault(err), "no answer: %s", innermostReason(err))
		return
	}
	var found struct{ URL string }
	bad := json.Unmarshal(a.body, &found)
	switch {
	case a.status/100 == 3:
		v.noteStep("autodiscover", eas.NoFault, "%d, sends phones to %s", a.status, redirectTarget(a.header))
	case bad == nil && found.URL != "":
		v.noteStep("autodiscover", eas.NoFault, "%d, names %s", a.status, redirectTarget(http.Header{"Location": {found.URL}}))
	case bad == nil && a.status < 500:
		v.noteStep("autodiscover", eas.NoFault, "%d, answers, but has nothing for an address that does not exist", a.status)
	case a.status == http.StatusUnauthorized:
		v.noteStep("autodiscover", eas.NoFault, "401, wants a password: an Exchange before 2016, or a proxy before it")
	case a.status == http.StatusNotFound:
		v.noteStep("autodiscover", eas.FaultNotFound, "404, not published: people type the server's name")
	default:
		v.noteStep("autodiscover", eas.FaultNotExchange, "%d, not the answer of Exchange's autodiscover.json", a.status)
	}
}

// connectAgain opens a second connection with the same checks.
func (v *visit) connectAgain(ctx context.Context) (net.Conn, error) {
	raw, err := v.dialAny(ctx)
	if err != nil || v.scheme == "http" {
		return raw, err
	}
	conn, err := v.startTLS(ctx, raw)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return conn, nil
}
