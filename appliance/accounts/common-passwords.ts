/** Owns the list of passwords that are tried first. Never decides what is like one of them. */

/** Small letters and digits, without gaps, each of twelve characters or more. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  correcthorsebatterystaple correcthorsebattery horsebatterystaple batterystaplehorse iloveyouforever
  iloveyousomuch iloveyoumore iloveyoubaby iloveyoumommy iloveyoudaddy iloveyoualways iloveyouverymuch
  iloveyou4ever iloveyou2much iloveyou1234 iloveyou2023 iloveyou2024 iloveyou2025 ilovemyfamily
  ilovemymother ilovemyfather ilovemydaughter ilovemyhusband ilovechocolate ilovefootball ilovebasketball
  jesuslovesme jesusischrist jesusismylord ingodwetrust blessedbethelord praisethelord thankyoujesus
  thankyoulord alhamdulillah bismillah786 passwordpassword mypassword123 thisismypassword thisisapassword
  thisismypass passwordispassword newpassword1 newpassword123 changeme1234 changeme12345 changethispassword
  pleasechangeme changepassword temppassword temporarypassword defaultpassword adminpassword rootpassword
  userpassword masterpassword testpassword guestpassword secretpassword supersecretpassword
  topsecretpassword strongpassword securepassword goodpassword bestpassword longpassword easypassword
  simplepassword password1234 password12345 password123456 password1234567890 passw0rd1234 forgotpassword
  iforgotmypassword nopasswordhere whatpassword enterpassword yourpassword letmeinplease letmein12345
  letmeinletmein opensesame123 trustno1trustno1 administrator administrator1 administrator123
  administration superadministrator systemadministrator superadmin123 administrador administrateur
  welcome12345 welcome123456 welcometohell welcome2hell welcometomyhome hello1234567 helloworld123
  helloworld1234 helloworld12345 hellohellohello hellokitty123 hellosunshine hellomoto123 sunshine1234
  princess1234 football1234 baseball1234 basketball12 basketball123 superman1234 batman123456 spiderman123
  spongebob123 pokemon12345 pikachupikachu starwars1234 maytheforcebewithyou lukeskywalker darthvader123
  princessleia harrypotter1 harrypotter123 hermionegranger dumbledore123 lordvoldemort lordoftherings
  gandalfthegrey frodobaggins gameofthrones winteriscoming valarmorghulis thewalkingdead breakingbad123
  heisenberg123 startrekvoyager jamesbond007 indianajones manchesterunited manchestercity realmadrid123
  fcbarcelona1 barcelona123 cristianoronaldo ronaldo12345 lionelmessi10 chelseafc123 arsenal12345
  juventus1234 bayernmunchen borussiadortmund galatasaray1905 fenerbahce1907 besiktas1903 flamengo1234
  steelers1234 cowboys12345 dallascowboys metallica123 ironmaiden666 linkinpark123 greenday1234
  eminem123456 michaeljackson justinbieber onedirection rollingstones ledzeppelin123 guitarhero123
  rockandroll123 heavymetal666 assassinscreed callofduty123 counterstrike worldofwarcraft leagueoflegends
  minecraft123 fortnite1234 grandtheftauto playstation1 playstation2 playstation3 playstation4 playstation5
  nintendo1234 xbox360xbox360 chocolate123 chocolatecake strawberry123 butterfly123 butterflies1
  watermelon123 cheesecake123 peanutbutter unicorn12345 rainbow12345 dragonball123 narutouzumaki
  uzumakinaruto sasukeuchiha computer1234 internet1234 samsung12345 samsunggalaxy microsoft123 windows12345
  facebook1234 instagram123 google123456 linkedin1234 youtube12345 raspberrypi4 homeassistant homeserver123
  dubsteaddubstead dubsteadadmin dubsteadpassword dubstead1234 dubstead2024 dubstead2025 dubstead2026
  thequickbrownfox thequickbrownfoxjumpsoverthelazydog tobeornottobe tobeornottobethatisthequestion
  abcdefghijklm abc123456789 abcd12345678 a1b2c3d4e5f6 a1b2c3d4e5f6g7 1a2b3c4d5e6f 1q2w3e4r5t6y
  1q2w3e4r5t6y7u q1w2e3r4t5y6 zaq12wsxcde3 zaq1xsw2cde3 qwertyuiop123 qwerty123456 qwertyqwerty
  qweasdzxc123 asdfghjkl123 123qweasdzxc 123456qwerty 1234567890qwerty 123456789abc 123456abcdef
  147258369147 147258369000 159753159753 123123123123 112233445566 111222333444 123321123321 102030405060
  246813579024 314159265358 271828182845 januaryfebruary mondaytuesday onetwothreefour onetwothreefourfive
  unodostrescuatro einszweidreivier motdepasse123 motdepasse1234 monmotdepasse azertyuiop123 jetaimejetaime
  bonjour12345 soleil123456 passwort1234 passwort12345 meinpasswort hallohallo123 ichliebedich1
  schatzi12345 schalke04schalke contrasena123 contrasena1234 micontrasena teamomucho123 teamoteamo12
  teamoporsiempre tequieromucho senha1234567 minhasenha12 wachtwoord12 wachtwoord123 mijnwachtwoord
  haslo1234567 mojehaslo123 parola123456
  `
    .trim()
    .split(/\s+/),
);

/** Too short by themselves; with digits around them, or repeated, they are tried as well. */
export const commonWords: readonly string[] = `
  password passwort passwd passphrase motdepasse contrasena contraseña senha wachtwoord haslo parola
  admin administrator root user guest test tester testing default changeme letmein welcome login master secret
  dubstead qwerty qwertz azerty asdfgh iloveyou love sunshine princess dragon monkey shadow football baseball
  basketball soccer superman batman spiderman starwars pokemon pikachu naruto hello whatever freedom computer
  internet samsung google facebook server homelab michael jennifer jessica ashley daniel jordan charlie thomas
  spring summer autumn winter january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday
`
  .trim()
  .split(/\s+/);
