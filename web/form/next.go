package form

import (
	"net/http"
	"net/url"
	"strings"
)

// Next is where signing in leads to: the page of that side that
// was first asked for, kept in the address or in the form, else home.
func Next(r *http.Request, home string) string {
	next := r.PostFormValue("next")
	if next == "" {
		next = r.URL.Query().Get("next")
	}
	return Local(next, home)
}

// Local is next if it is an address within home's part of this site, else
// home. Everything that a browser might read as another site's address is
// refused: a scheme, a host, "//", and the backslashes and control characters
// that browsers quietly mend.
func Local(next, home string) string {
	if len(next) > 2000 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, func(c rune) bool {
		return c == '\\' || c < ' ' || c == 0x7f || c == 0xfffd
	}) {
		return home
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\r\n\x00") {
		return home
	}
	office := u.Path == "/office" || strings.HasPrefix(u.Path, "/office/")
	if office != strings.HasPrefix(home, "/office") || strings.HasSuffix(u.Path, "/logout") {
		return home
	}
	return next
}
