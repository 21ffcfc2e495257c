package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"fieldgate/internal/apperr"
	"fieldgate/internal/inbound"
)

// inboundMail is where a mail server hands over emails, each as it is.
const inboundMail = "/mail/inbound"

// handedOver is how many emails are read at once: each is held in memory.
const handedOver = 4

// takeMail keeps an email that a mail server hands over. It says yes once the
// email is kept; whoever hears nothing else sends it again.
func takeMail(secret string, take func(context.Context, []byte, inbound.Source) error) func(http.ResponseWriter, *http.Request) error {
	want := sha256.Sum256([]byte(secret))
	room := semaphore.NewWeighted(handedOver)
	return func(w http.ResponseWriter, r *http.Request) error {
		if secret == "" || take == nil {
			return apperr.NotFound
		}
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(token))
		if !bearer || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			return plain(w, http.StatusUnauthorized, "FIELDGATE_INBOUND_SECRET is wanted as a bearer token.")
		}
		if r.ContentLength > inbound.MaxRaw {
			return plain(w, http.StatusRequestEntityTooLarge, "The email is larger than 36 MB.")
		}
		waits, cancel := context.WithTimeout(r.Context(), 20*time.Second)
		defer cancel()
		if room.Acquire(waits, 1) != nil {
			w.Header().Set("Retry-After", "60")
			return plain(w, http.StatusServiceUnavailable, "Many emails are arriving. Send this one again.")
		}
		defer room.Release(1)
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, inbound.MaxRaw))
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return plain(w, http.StatusRequestEntityTooLarge, "The email is larger than 36 MB.")
		}
		if err != nil {
			return plain(w, http.StatusBadRequest, "The email did not arrive whole.")
		}
		if len(raw) == 0 {
			return plain(w, http.StatusBadRequest, "There is no email in the body.")
		}
		if err := take(r.Context(), raw, inbound.Source{Way: inbound.Webhook}); err != nil {
			return fmt.Errorf("take an email: %w", err)
		}
		return plain(w, http.StatusOK, "taken")
	}
}
