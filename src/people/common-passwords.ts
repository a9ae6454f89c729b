/*
 * The passwords of ten characters and more that leaked lists have most often, in lower case: what
 * is tried first. Shorter ones are refused for their length.
 */
const LIST = `
1234567890 0123456789 0987654321 9876543210 1234567891 12345678900 123456789a 123456789q a123456789
q123456789 1234567890a 123456789abc 12345678910 123456789123 123456123456 123123123123 1231231231
1234512345 1212121212 1122334455 112233445566 1111111111 11111111111 0000000000 00000000000 2222222222
5555555555 6666666666 7777777777 8888888888 9999999999 1010101010 1029384756 1357924680 3141592653
147258369a 1472583690 7894561230 9638527410 0147258369 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5
q1w2e3r4t5y6 qazwsxedcrfv qazwsxedc1 zaq12wsxcde3 qwertyuiop qwertyuiop1 qwertyuiop123 qwerty123456
qwerty1234 qwerty12345 1234qwerasdf qwerasdfzxcv asdfghjkl1 asdfghjkl; asdfghjkl123 asdfasdfasdf
zxcvbnm123 qweasdzxc1 qweasdzxc123 qwe123qwe123 poiuytrewq mnbvcxz123 abcdefghij abcdefghijk abcd123456
abc1234567 abc123456789 abcde12345 abcabcabcabc aaaaaaaaaa a1b2c3d4e5 a1s2d3f4g5 aa12345678 xxxxxxxxxx
password01 password10 password11 password12 password123 password1234 password12345 password123456
password2020 password2024 password2025 password2026 password99 passwordpassword passw0rd123 p@ssw0rd123
p@ssword123 p@ssw0rd1! password1! password123! mypassword mypassword1 yourpassword newpassword
changeme123 changeme1! letmein123 letmein1234 welcome123 welcome1234 welcome123! welcome2024 welcome2025
iloveyou123 iloveyou12 iloveyou1234 iloveyou!! iloveyousomuch ilovemymom ilovejesus iloveyou22
administrator admin12345 admin123456 adminadmin admin@1234 administrator1 superadmin rootroot123
football123 basketball baseball12 liverpool1 liverpoolfc manchester manchester1 chelsea123 arsenal123
princess123 princess12 sunshine123 superman123 spiderman1 michael123 charlie123 jordan2323 monkey1234
dragon1234 master1234 shadow1234 qwertyqwerty testtest12 test123456 test1234567 testing123 user123456
computer123 samsung123 google1234 microsoft1 internet123 christmas1 elizabeth1 hello12345 helloworld
correcthorsebatterystaple trustno1trustno1 startrek123 starwars123 minecraft1 minecraft123 pokemon123
`;

const COMMON = new Set(LIST.trim().split(/\s+/));

/** Whether a password is one that everybody tries first. */
export function isCommonPassword(password: string): boolean {
  return COMMON.has(password.toLowerCase());
}
