package secret

import (
	"bytes"
	"strings"
	"testing"
)

func TestTokenIsFoundByItsHash(t *testing.T) {
	t.Parallel()
	plain, hash := NewToken()
	if len(plain) != 43 || len(hash) != 32 || !bytes.Equal(HashToken(plain), hash) {
		t.Errorf("token %q, hash %x, hashed again %x", plain, hash, HashToken(plain))
	}
	if other, _ := NewToken(); other == plain {
		t.Error("the same token twice")
	}
}

func TestNonsenseIsNoToken(t *testing.T) {
	t.Parallel()
	plain, _ := NewToken()
	for name, token := range map[string]string{
		"nothing":             "",
		"too short":           plain[:42],
		"too long":            plain + "A",
		"padded":              plain[:42] + "=",
		"a line break":        plain[:42] + "\n",
		"a line break inside": plain[:20] + "\r\n" + plain[22:],
		"standard alphabet":   strings.Repeat("+/", 21) + "A",
		"stray last bits":     strings.Repeat("A", 42) + "B",
		"not UTF-8":           plain[:42] + "\xff",
		"a NUL":               plain[:42] + "\x00",
		"huge":                strings.Repeat("A", 1<<20),
	} {
		if hash := HashToken(token); hash != nil {
			t.Errorf("%s: %x", name, hash)
		}
	}
}
