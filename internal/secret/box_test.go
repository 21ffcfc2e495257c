package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func TestBoxOpensWhatItSealed(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb}, 32)
	asHex, asBase64 := hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw)
	asURL := base64.RawURLEncoding.EncodeToString(raw)
	const sentence, former = "a sentence of at least 32 characters", "the key that was used before this one"
	for _, c := range []struct {
		name           string
		sealing        string
		opening        []string
		context        string
		wantErr, tweak bool
	}{
		{"same key", sentence, []string{sentence}, "email 7", false, false},
		{"hex and base64 of one key", asHex, []string{asBase64}, "email 7", false, false},
		{"with a line's end from a file", asHex, []string{asURL + "\n"}, "email 7", false, false},
		{"after a change of keys", former, []string{sentence, former}, "email 7", false, false},
		{"key gone", former, []string{sentence}, "email 7", true, false},
		{"moved to another row", sentence, []string{sentence}, "email 8", true, false},
		{"changed", sentence, []string{sentence}, "email 7", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sealed := box(t, c.sealing).Seal([]byte("a password in a mail"), "email 7")
			if bytes.Contains(sealed, []byte("password")) {
				t.Error("not encrypted")
			}
			if c.tweak {
				for i := range sealed {
					changed := bytes.Clone(sealed)
					changed[i] ^= 1
					if _, err := box(t, c.opening...).Open(changed, c.context); !errors.Is(err, ErrSealed) {
						t.Errorf("byte %d changed: %v", i, err)
					}
				}
				return
			}
			plain, err := box(t, c.opening...).Open(sealed, c.context)
			if c.wantErr {
				if !errors.Is(err, ErrSealed) || plain != nil {
					t.Errorf("opened: %q, %v", plain, err)
				}
				return
			}
			if err != nil || string(plain) != "a password in a mail" {
				t.Errorf("opened: %q, %v", plain, err)
			}
		})
	}
}

func TestBoxNeverSealsTwiceAlike(t *testing.T) {
	t.Parallel()
	b := box(t, strings.Repeat("k", 32))
	if bytes.Equal(b.Seal([]byte("x"), ""), b.Seal([]byte("x"), "")) {
		t.Error("the same bytes twice")
	}
	for n := range 60 {
		if _, err := b.Open(make([]byte, n), ""); !errors.Is(err, ErrSealed) {
			t.Errorf("%d zero bytes: %v", n, err)
		}
	}
}

func TestSecretKeyMustBeLongEnough(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "secret", strings.Repeat("k", 31), strings.Repeat("é", 31), "   " + strings.Repeat("k", 30) + "   "} {
		if _, err := NewBox(key); err == nil || (len(key) > 6 && strings.Contains(err.Error(), key)) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func box(t *testing.T, keys ...string) *Box {
	t.Helper()
	b, err := NewBox(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDerivedSecretsAreTheirPurposesAndTheKeysOwn(t *testing.T) {
	t.Parallel()
	one, same, other := box(t, "a sentence of at least 32 characters"), box(t, "a sentence of at least 32 characters"), box(t, "another one of at least 32 characters")
	lee := one.Derive("drafts of person 1")
	if len(lee) != 32 || !bytes.Equal(lee, same.Derive("drafts of person 1")) {
		t.Error("a derived secret is not the same each time")
	}
	if bytes.Equal(lee, one.Derive("drafts of person 2")) || bytes.Equal(lee, other.Derive("drafts of person 1")) {
		t.Error("two purposes, or two keys, derive the same secret")
	}
}
