package password

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	kim := []string{"Kim Nguyễn-O'Hara", "kim.nguyen@harbour-cafes.example", "Northwind Air"}
	for _, c := range []struct {
		name, password, want string
	}{
		{"four words", "otter violin gravel teapot", ""},
		{"the demo's", "let-me-look-around", ""},
		{"random characters", "xK9#vQ2m!pL7wR3", ""},
		{"another script", "выдра скрипка гравий", ""},
		{"128 characters", strings.Repeat("otter violin 7 ", 8) + "gravel x", ""},

		{"nothing", "", "Choose a password."},
		{"fourteen characters", "xK9#vQ2m!pL7wR", "at least 15"},
		{"fourteen characters in more bytes", "žížala ťuká ža", "at least 15"},
		{"fifteen only before composing", "xK9#vQ2m!pL7we\u0301", "at least 15"},
		{"fifteen only with the blank of pasting", "xK9#vQ2m!pL7wR ", "at least 15"},
		{"fifteen and a blank of pasting", "xK9#vQ2m!pL7wR3 \n", ""},
		{"129 characters", strings.Repeat("otter violin 7 ", 8) + "gravel xy", "at most 128"},
		{"a whole book", strings.Repeat("x", 1<<20), "at most 128"},
		{"not UTF-8", "otter violin gravel \xff", "characters that cannot"},
		{"a NUL", "otter violin gravel \x00 teapot", "characters that cannot"},

		{"a well-known one", "password12345678", "common words"},
		{"one character", "aaaaaaaaaaaaaaaa", "repeats"},
		{"along the keyboard", "qwertyuiop[]asdf", "keyboard"},
		{"her name", "KimNguyễn-O'Hara", "your name"},
		{"her name without accents", "kim nguyen ohara", "your name"},
		{"her name joined", "Kimnguyễnohara1", "your name"},
		{"her address", "kim.nguyen@harbour-cafes.example", "your name"},
		{"her address's domain", "harbour-cafes-1", "your name"},
		{"the business", "NorthwindAir2026", "your name"},
		{"the business in leet", "N0rthw1nd A1r 26", "your name"},
		{"the business and two years", "northwind air 2025-2026", "your name"},
		{"the business, a year and a word", "Northwind2026Summer!", "your name"},
		{"the business twice, a season and a year", "northwind-winter-northwind-2026", "your name"},
		{"the business and a sentence of common words", "welcome to Northwind Air", "your name"},
		{"the business backwards in words", "Air Northwind portal 2027", "your name"},
		{"this program's name and a year", "Fieldgate-2026-2027", "your name"},
		{"the business and something of one's own", "Northwind otter violin gravel", ""},
		{"good after the fortieth character only", strings.Repeat("a", 40) + "otter violin gravel", "easy to guess"},
	} {
		got := Check(c.password, kim...)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Without the known words a name is as good a password as any: this shows that
// they, and nothing else, refuse it.
func TestKnownWordsDecide(t *testing.T) {
	t.Parallel()
	const password = "Zwiebelfisch & Söhne"
	if got := Check(password); got != "" {
		t.Errorf("unknown: %q", got)
	}
	if got := Check(password, "Zwiebelfisch & Söhne GmbH"); got == "" {
		t.Error("known, and allowed")
	}
}

// BenchmarkCheck is for passwords that cost the most: the longest, of what can
// be read in many ways.
func BenchmarkCheck(b *testing.B) {
	for name, unit := range map[string]string{
		"one letter": "a", "leet": "4@8({[<3691!|70$5+%2", "brackets": "({[<", "digits": "1", "dates": "1.1.11",
		"mixed": "aA1!", "two-letter words": "an", "accents": "é", "wide": "😀",
	} {
		password := string([]rune(strings.Repeat(unit, MaxLength))[:MaxLength])
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Check(password, "Kim Nguyen", strings.Repeat("a b c d e f ", 50))
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("otter violin gravel", "Kim Nguyen")
	f.Add("\xff\x00", "é@\x80")
	f.Fuzz(func(t *testing.T, password, known string) {
		if got := Check(password, known); got == "" && utf8.RuneCountInString(password) < MinLength {
			t.Errorf("%q passed", password)
		}
	})
}

// TestStolenPasswords: those that the rest of the rule would take are refused for
// standing in the list.
func TestStolenPasswords(t *testing.T) {
	t.Parallel()
	if n := len(stolen()); n < 3000 {
		t.Fatalf("%d stolen passwords: make assets fetches them", n)
	}
	refused := 0
	for word := range stolen() {
		if got := Check(strings.ToUpper(word)); strings.Contains(got, "stolen") {
			refused++
		} else if got == "" {
			t.Errorf("%q passes", word)
		}
		if refused == 50 {
			break
		}
	}
	if refused == 0 {
		t.Error("the list refuses nothing")
	}
}
