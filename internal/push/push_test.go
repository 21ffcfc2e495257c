package push

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"testing"
	"time"
)

func unbase(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5 and appendix A.
func TestKeysOfTheStandardsExample(t *testing.T) {
	t.Parallel()
	browser, err := ecdh.P256().NewPrivateKey(unbase(t, "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := ecdh.P256().NewPrivateKey(unbase(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	shared, err := own.ECDH(browser.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	salt := unbase(t, "DGv6ra1nlYgDCS1FRnbzlw")
	seal, nonce, err := contentKey(shared, unbase(t, "BTBZMqHH6r4Tts7J_aSIgg"), salt, browser.PublicKey().Bytes(), own.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	head := binary.BigEndian.AppendUint32(bytes.Clone(salt), 4096)
	head = append(append(head, 65), own.PublicKey().Bytes()...)
	got := seal.Seal(head, nonce, []byte("When I grow up, I want to be a watermelon\x02"), nil)
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if encoded(got) != want {
		t.Errorf("%s, want %s", encoded(got), want)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for code, want := range map[int]Outcome{201: Taken, 200: Taken, 202: Taken, 400: Never, 401: Later, 403: Later, 404: Gone, 410: Gone, 413: Never, 429: Later, 500: Later, 503: Later, 307: Never} {
		if got := answerOf(&http.Response{StatusCode: code, Header: http.Header{}}, nil); got.Outcome != want {
			t.Errorf("%d: %s", code, got.Outcome)
		}
	}
	for header, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "0": time.Second, "-4": time.Second, "99999999999": longestPause, "soon": 0,
		"Sun, 29 Nov 2026 12:05:00 GMT": 5 * time.Minute, "Sun, 29 Nov 2020 12:05:00 GMT": time.Second,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	for said, want := range map[string]string{"too many\nlines": "too many", "gone: https://push.example/secret": "", "a\x00b": ""} {
		if got := firstLine([]byte(said)); got != want {
			t.Errorf("%q: %q", said, got)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	key, secret := "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg"
	good := New{Endpoint: "https://push.example/send/abc", Key: key, Secret: secret}
	for name, tt := range map[string]struct {
		change func(*New)
		ok     bool
	}{
		"as browsers say it":      {func(*New) {}, true},
		"with padding":            {func(n *New) { n.Key += "=" }, true},
		"http":                    {func(n *New) { n.Endpoint = "http://push.example/send/abc" }, false},
		"a private address":       {func(n *New) { n.Endpoint = "https://10.0.0.8/send" }, false},
		"this machine":            {func(n *New) { n.Endpoint = "https://[::1]/send" }, false},
		"a name and password":     {func(n *New) { n.Endpoint = "https://a:b@push.example/" }, false},
		"an endless address":      {func(n *New) { n.Endpoint += string(bytes.Repeat([]byte("a"), maxEndpoint)) }, false},
		"a key not on the curve":  {func(n *New) { n.Key = "B" + n.Key[2:] + "A" }, false},
		"no key":                  {func(n *New) { n.Key = "" }, false},
		"an endless key":          {func(n *New) { n.Key += key + key + key }, false},
		"a short secret":          {func(n *New) { n.Secret = "BTBZMqHH" }, false},
		"a secret of other signs": {func(n *New) { n.Secret = "*TBZMqHH6r4Tts7J_aSIgg" }, false},
	} {
		n := good
		tt.change(&n)
		if _, err := n.device(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
