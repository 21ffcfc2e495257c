package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// expiring is how many days before its end a certificate should have been renewed.
const expiring, urgent = 14, 4

// address opens the portal as customers do.
func address(ctx context.Context, r *round) (found []Finding) {
	base := r.Config.BaseURL
	u, err := url.Parse(base)
	if base == "" || err != nil {
		return one(fault("The portal’s address is not set.", "Set FIELDGATE_BASE_URL."))
	}
	client := &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	health, err := get(ctx, client, base+"/healthz")
	if err != nil {
		return one(unreachable(base, u.Hostname(), err))
	}
	if health.status != http.StatusOK || strings.TrimSpace(health.body) != "ok" {
		return one(fault(fmt.Sprintf("What answers at %s is not this program (status %d).", base, health.status), elsewhere(health.status)))
	}
	found = append(found, certificate(base, health), outsideClock(health))
	page, err := get(ctx, client, base+"/login")
	switch {
	case err != nil:
		found = append(found, unreachable(base, u.Hostname(), err))
	case page.status == http.StatusMisdirectedRequest:
		found = append(found, fault("The proxy does not pass the Host header on: every page is refused.", "Let it (nginx: proxy_set_header Host $host;)."))
	case page.status >= http.StatusInternalServerError:
		found = append(found, fault(fmt.Sprintf("The sign-in page answers with status %d.", page.status), "See what /readyz and the program’s log say."))
	}
	return worthSaying(found)
}

// worthSaying leaves the good out where there is anything else.
func worthSaying(found []Finding) (worth []Finding) {
	for _, f := range found {
		if f.Level > OK {
			worth = append(worth, f)
		}
	}
	if len(worth) == 0 {
		return found[:1]
	}
	return worth
}

// answer is what came back of it.
type answer struct {
	status     int
	body, date string
	until      time.Time // the end of its certificate; zero without one
}

func get(ctx context.Context, client *http.Client, address string) (a answer, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return a, fmt.Errorf("ask %s: %w", address, err)
	}
	q.Header.Set("User-Agent", "fieldgate doctor")
	got, err := client.Do(q)
	if err != nil {
		return a, fmt.Errorf("ask %s: %w", address, err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, 1000))
	if err != nil {
		return a, fmt.Errorf("read %s: %w", address, err)
	}
	a = answer{status: got.StatusCode, body: string(body), date: got.Header.Get("Date")}
	if got.TLS != nil && len(got.TLS.PeerCertificates) > 0 {
		a.until = got.TLS.PeerCertificates[0].NotAfter
	}
	return a, nil
}

func certificate(base string, a answer) Finding {
	if a.until.IsZero() {
		return ok(base + " answers.")
	}
	left := int(-sinceNow(a.until).Hours() / 24)
	if left < expiring {
		f := warning(fmt.Sprintf("The certificate of %s ends in %s.", base, count(left, "day")), "See why the proxy has not renewed it.")
		if left < urgent {
			f.Level = Fault
		}
		return f
	}
	return ok(fmt.Sprintf("%s answers, with a certificate for another %s.", base, count(left, "day")))
}

// A proxy's clock goes with whole seconds, and answers may have been under way
// for a while.
const outsideDrift = time.Minute

func outsideClock(a answer) Finding {
	at, err := http.ParseTime(a.date)
	if err != nil {
		return ok("The proxy does not say what time it is.")
	}
	if apart := sinceNow(at).Abs(); apart > outsideDrift {
		return warning(fmt.Sprintf("The clocks of this machine and of the proxy are %s apart.", apart.Round(time.Second)), "Let both machines set their clocks by NTP.")
	}
	return ok("The proxy and this machine agree on the time.")
}

func elsewhere(status int) string {
	switch {
	case status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
		return "The proxy does not reach the program: see that fieldgate serve runs, and that the proxy hands requests to FIELDGATE_LISTEN."
	case status >= 300 && status < 400:
		return "It sends visitors elsewhere: write the address they end at in FIELDGATE_BASE_URL."
	}
	return "See where the name leads, and what the proxy does with it."
}

func unreachable(base, host string, err error) Finding {
	var (
		name    *net.DNSError
		other   x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &name):
		return fault("There is no machine called "+host+".", "Check FIELDGATE_BASE_URL and the name’s DNS records.")
	case errors.As(err, &other):
		return fault("The certificate at "+base+" is for another name.", "Get one for "+host+".")
	case errors.As(err, &unknown):
		return fault("The certificate at "+base+" is not from an authority that this machine trusts.", "Get one that browsers trust, such as from Let’s Encrypt; and see that the proxy sends the whole chain.")
	case errors.As(err, &invalid):
		return fault("The certificate at "+base+" is not valid, perhaps expired.", "Renew it.")
	case errors.Is(err, syscall.ECONNREFUSED):
		return fault("Nothing answers at "+base+".", "See that the proxy and fieldgate serve run.")
	}
	return warning("This machine does not reach "+base+" ("+oneLine(err.Error())+").", "Open it from elsewhere, such as a phone: some networks do not let a machine reach its own public address.")
}

func local(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && a.IsLoopback())
}
