package page

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/web/session"
)

// recordRefusal writes down who was refused what: what they may not do, what
// another site sent, and what is beyond a limit. Of those who are signed in it
// tells as well what they looked for that is not there for them: one such line is
// an old link, hundreds are somebody who tries numbers. A program that asks whether
// a thing of its own is here yet, by its own id, tries nothing.
func recordRefusal(r *http.Request, status int, err error) {
	i := audit.Incident{Event: "request-refused", Side: "portal", Warns: true}
	if strings.HasPrefix(r.URL.Path, "/office") {
		i.Side = "office"
	}
	if ForPrograms(r) {
		i.Side = "api"
	}
	if name, ok := r.Context().Value(callerKey{}).(string); ok {
		i.Account = name
	} else if v, ok := session.OfficeViewer(r.Context()); ok {
		i.Account = v.Name
	} else if v, ok := session.LinkViewer(r.Context()); ok {
		i.Account = v.Name
	} else if v, ok := session.PortalViewer(r.Context()); ok {
		i.Account = cmp.Or(v.Preview.StaffName, v.Name)
	}
	switch {
	case errors.Is(err, apperr.OtherSite):
		i.Reason = "other-site"
	case status == http.StatusForbidden:
		i.Reason = "forbidden"
	case status == http.StatusTooManyRequests:
		i.Reason = "limit"
	case status == http.StatusNotFound && strings.Contains(Pattern(r), "/by-external/"):
		return
	case status == http.StatusNotFound && i.Account != "" && Pattern(r) != "none":
		i.Reason, i.Warns = "not-found", false
	default:
		return
	}
	i.Reason += ", " + Method(r) + " " + Pattern(r)
	audit.Log(r.Context(), Visitor(r), i)
}

type callerKey struct{}

// WithCaller is the context of a request that a token or key sent, by its name.
func WithCaller(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, callerKey{}, name)
}

// Method is the request's, or "other": anybody may invent methods, and neither
// metrics nor the log must grow by them.
func Method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return r.Method
	}
	return "other"
}
