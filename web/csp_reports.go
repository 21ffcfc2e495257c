package web

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Browsers tell of what a page's policy forbade: a mistake of ours, an extension,
// or somebody who tries something. They are counted, and a few are logged.
const cspReports = "/csp-reports"

// directives are those that the policy has; reports name any, and metrics must
// not grow by them.
var directives = []string{"default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr", "img-src", "media-src", "font-src", "connect-src", "frame-src", "manifest-src", "object-src", "form-action", "base-uri", "frame-ancestors"}

// How much of a report is read, and how many are taken from one body.
const (
	maxReport  = 64 << 10
	maxReports = 20
)

// violation is what is kept of a report. The page's address is not: links carry tokens.
type violation struct{ directive, blocked string }

func countReports(metrics prometheus.Registerer, log *slog.Logger) func(http.ResponseWriter, *http.Request) error {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fieldgate_csp_reports_total", Help: "Reports of browsers about what a page's policy forbade, by directive."}, []string{"directive"})
	if metrics != nil {
		metrics.MustRegister(counted)
	}
	logged := &logLimit{}
	return func(w http.ResponseWriter, r *http.Request) error {
		for _, v := range violations(io.LimitReader(r.Body, maxReport)) {
			counted.WithLabelValues(v.directive).Inc()
			if logged.allow() {
				log.WarnContext(r.Context(), "a browser reports what the policy forbade", "directive", v.directive, "blocked", v.blocked)
			}
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// violations reads both forms of reports: one from report-uri, several from report-to.
func violations(body io.Reader) (all []violation) {
	var text json.RawMessage
	if json.NewDecoder(body).Decode(&text) != nil {
		return nil
	}
	var old struct {
		Report struct {
			Directive string `json:"effective-directive"`
			Violated  string `json:"violated-directive"`
			Blocked   string `json:"blocked-uri"`
		} `json:"csp-report"`
	}
	if json.Unmarshal(text, &old) == nil {
		if words := strings.Fields(old.Report.Directive + " " + old.Report.Violated); len(words) > 0 { // the older name holds the sources, too
			all = append(all, violation{known(words[0]), origin(old.Report.Blocked)})
		}
		return all
	}
	var several []struct {
		Type string `json:"type"`
		Body struct {
			Directive string `json:"effectiveDirective"`
			Blocked   string `json:"blockedURL"`
		} `json:"body"`
	}
	if json.Unmarshal(text, &several) != nil {
		return nil
	}
	for _, one := range several[:min(len(several), maxReports)] {
		if one.Type == "csp-violation" {
			all = append(all, violation{known(one.Body.Directive), origin(one.Body.Blocked)})
		}
	}
	return all
}

func known(directive string) string {
	if slices.Contains(directives, directive) {
		return directive
	}
	return "other"
}

// origin is where what was blocked would have come from, or a word such as “inline”.
func origin(blocked string) string {
	u, err := url.Parse(blocked)
	switch {
	case err != nil:
		return "unreadable"
	case u.Host != "":
		return fmt.Sprintf("%.100s", u.Scheme+"://"+u.Host)
	default:
		return fmt.Sprintf("%.20s", u.Scheme+u.Path)
	}
}
