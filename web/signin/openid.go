package signinweb

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"fieldgate/internal/day"
	"fieldgate/internal/openid"
	"fieldgate/internal/signin"
	"fieldgate/templates/layout"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AtProvider is for what the browser waits that has gone to a provider.
func (s Side) AtProvider() session.Asked {
	if s.Name == signin.Office {
		return session.AskedOfficeProvider
	}
	return session.AskedPortalProvider
}

// ToProvider sends the browser to a provider, with a page in between: browsers
// let no form lead to another site, not even by a redirect.
func (s Side) ToProvider(w http.ResponseWriter, r *http.Request, l signin.Leave) error {
	s.Session.KeepWaiting(w, s.AtProvider(), session.Waiting{Token: l.Browser})
	u, err := url.Parse(l.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return s.ProviderFailed(w, r, openid.Fault{Kind: openid.Misset})
	}
	w.Header().Set("Refresh", "0; url="+u.String())
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.Show(w, r, http.StatusOK, "One moment", "You log in at "+u.Host+" and come back here by yourself.", func(frame layout.SignInPage) templ.Component {
		return signinview.ToProvider(frame, u.String(), s.View.Login)
	})
}

// ProviderFailed explains why nobody comes in by a provider, and what to do next;
// other errors go back to the caller.
func (s Side) ProviderFailed(w http.ResponseWriter, r *http.Request, err error) error {
	status, title, words := s.providerWords(w, err)
	if status == 0 {
		return err
	}
	return s.Show(w, r, status, title, words, func(frame layout.SignInPage) templ.Component {
		return signinview.OneWay(frame, "Back to Log In", s.View.Login)
	})
}

func (s Side) providerWords(w http.ResponseWriter, err error) (status int, title, words string) {
	if limited, ok := errors.AsType[signin.Limited](err); ok {
		page.RetryAfter(w, limited.Wait)
		return http.StatusTooManyRequests, "Too many tries", "Wait " + day.Span(limited.Wait) + ", then log in again."
	}
	if u, ok := errors.AsType[signin.Unwelcome](err); ok {
		return s.unwelcomeWords(u)
	}
	switch {
	case errors.Is(err, signin.ErrNotAsked):
		return http.StatusBadRequest, "Please start again", "This login took longer than 10 minutes, was used already, or began in another browser."
	case signin.IsNotFresh(err) && s.Name == signin.Portal:
		return http.StatusForbidden, "You were not asked again", "Your company’s login did not ask for your password again, so this shows nothing. Log out there and try again, or ask us to do it for you."
	case signin.IsNotFresh(err):
		return http.StatusForbidden, "You were not asked again", "Where you log in, they did not ask for your password again, so this shows nothing. Use a passkey or a password of this program instead: “Forgot password?” sends you a link to choose one."
	}
	switch openid.KindOf(err) {
	case openid.Away:
		return http.StatusBadGateway, "No answer from where you log in", "The service that you log in with does not answer just now. Try again in a few minutes, or log in another way."
	case openid.Refused:
		return http.StatusForbidden, "You did not log in", "You went back, or the service that you log in with said no. Try again, or log in another way."
	case openid.Gone, openid.Invalid:
		return http.StatusBadRequest, "Please start again", "The answer of the service that you log in with could not be used."
	case openid.Misset:
		return http.StatusBadGateway, "This login is not set up right", s.tellWhom() + " can see what is wrong. Log in another way meanwhile."
	}
	return 0, "", ""
}

func (s Side) tellWhom() string {
	if s.Name == signin.Office {
		return "An Administrator, under Administration → Health,"
	}
	return "Whoever looks after us"
}

func (s Side) unwelcomeWords(u signin.Unwelcome) (status int, title, words string) {
	who := "This account"
	if u.Email != "" {
		who = u.Email
	}
	ask := "an Administrator"
	if s.Name == signin.Portal {
		ask = "us"
	}
	switch u.Reason {
	case signin.Unverified:
		if u.Email == "" {
			return http.StatusForbidden, "No email address came along", "The service that you log in with does not tell your email address, so we cannot know who you are. Ask whoever looks after it at your company."
		}
		return http.StatusForbidden, "Your address is not confirmed", "The service that you log in with does not confirm that " + u.Email + " is yours. Ask whoever looks after it at your company."
	case signin.OtherAccount:
		return http.StatusForbidden, "This is another account", who + " is not the account that logs in here. Choose the right one where you log in, or ask " + ask + "."
	}
	return http.StatusForbidden, "You cannot log in here with this account", strings.TrimSpace(who) + " opens nothing here. Log in with another account, or ask " + ask + " for access."
}
