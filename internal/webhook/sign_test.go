package webhook_test

import (
	"strings"
	"testing"
	"time"

	"fieldgate/internal/webhook"
)

// The example of the specification, and that of its libraries' tests.
func TestSignaturesAreTheSpecifications(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		secret, id string
		at         int64
		body, want string
	}{
		{"whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, `{"event_type":"ping","data":{"success":true}}`, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	} {
		got, err := webhook.Sign(tt.id, time.Unix(tt.at, 0), []byte(tt.body), tt.secret)
		if err != nil || got != tt.want {
			t.Errorf("%s: %s, %v", tt.id, got, err)
		}
		both, err := webhook.Sign(tt.id, time.Unix(tt.at, 0), []byte(tt.body), tt.secret, webhook.NewSecret())
		if first, second, two := strings.Cut(both, " "); err != nil || !two || first != tt.want || !strings.HasPrefix(second, "v1,") || second == first {
			t.Errorf("with two secrets: %s, %v", both, err)
		}
	}
	if a, b := webhook.NewSecret(), webhook.NewSecret(); a == b || !strings.HasPrefix(a, "whsec_") {
		t.Errorf("secrets %s, %s", a, b)
	}
}
