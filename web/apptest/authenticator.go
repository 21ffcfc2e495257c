package apptest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator keeps one passkey and answers as browsers do; tests bend what it
// says.
type Authenticator struct {
	Origin     string // of the page that asks
	RPID       string
	Handle     []byte // whose the passkey says it is
	Count      uint32 // of its uses
	Unverified bool   // nobody gave a finger or a PIN

	id  []byte
	key *ecdsa.PrivateKey
	t   testing.TB
}

// Authenticator is one without a passkey yet, in a browser at the program.
func (a *App) Authenticator() *Authenticator {
	a.t.Helper()
	u, err := url.Parse(a.URL)
	a.must(err)
	k := &Authenticator{Origin: a.URL, RPID: u.Hostname(), t: a.t, id: make([]byte, 32)}
	_, _ = rand.Read(k.id)
	k.Rekey()
	return k
}

// Rekey makes another key under the same name, as a forger would.
func (k *Authenticator) Rekey() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		k.t.Fatal(err)
	}
	k.key = key
}

// asked are the options of a challenge.
type asked struct {
	Challenge string `json:"challenge"`
	User      struct {
		ID string `json:"id"`
	} `json:"user"`
}

func (k *Authenticator) read(options string) (o asked) {
	k.t.Helper()
	if err := json.Unmarshal([]byte(options), &o); err != nil || o.Challenge == "" {
		k.t.Fatalf("no challenge: %v %.200q", err, options)
	}
	return o
}

var text = base64.RawURLEncoding.EncodeToString

func (k *Authenticator) clientData(kind, challenge string) []byte {
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.Origin, "crossOrigin": false})
	if err != nil {
		k.t.Fatal(err)
	}
	return data
}

// data is what the authenticator says of itself.
func (k *Authenticator) data(flags byte) []byte {
	if !k.Unverified {
		flags |= 4
	}
	of := sha256.Sum256([]byte(k.RPID))
	return binary.BigEndian.AppendUint32(append(of[:], flags|1), k.Count)
}

// Create makes the passkey that a challenge asks for, and answers it.
func (k *Authenticator) Create(options string) string {
	k.t.Helper()
	o := k.read(options)
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		k.t.Fatal(err)
	}
	k.Handle = handle
	point, err := k.key.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	// CBOR, by hand: a key of P-256 (RFC 9052, 7.1), and an attestation of nobody.
	cose := slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], []byte{0x22, 0x58, 32}, point[33:])
	data := slices.Concat(k.data(0x40), make([]byte, 16), []byte{0, byte(len(k.id))}, k.id, cose)
	object := slices.Concat([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), []byte{byte(len(data))}, data)
	return k.answer(map[string]string{"clientDataJSON": text(k.clientData("webauthn.create", o.Challenge)), "attestationObject": text(object)})
}

// Get answers a challenge with the passkey.
func (k *Authenticator) Get(options string) string {
	k.t.Helper()
	k.Count++
	data, client := k.data(0), k.clientData("webauthn.get", k.read(options).Challenge)
	of := sha256.Sum256(client)
	signed := sha256.Sum256(slices.Concat(data, of[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, signed[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return k.answer(map[string]string{"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": text(k.Handle)})
}

func (k *Authenticator) answer(response map[string]string) string {
	answer, err := json.Marshal(map[string]any{"id": text(k.id), "rawId": text(k.id), "type": "public-key", "response": response})
	if err != nil {
		k.t.Fatal(err)
	}
	return string(answer)
}

// Passkeys gives the page's browser a place to keep passkeys, and a finger that
// opens it.
func (t *Tab) Passkeys() {
	t.app.t.Helper()
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
}
