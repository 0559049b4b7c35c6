"""Prose in twenty languages, written to measure how well encodings are guessed.

`ODD` has lines with letters beyond ASCII, `PLAIN` lines of the same language without any. Where an old encoding lacks
typographic marks, `sentences` puts a typewriter's, as people did.

`HELD_OUT` has other lines with odd letters, written after the detection. The detection must not be tuned on them, or
they no longer show how well it reads texts that it was not made for.
"""

from collections.abc import Mapping
from random import Random

ODD = {
    "English": """
The ticket to the museum cost £4, and the guide was worth every penny.
© All rights to this story belong to my grandmother, who told it first.
We met in the café on the corner, where nobody asks how long you stay.
She said it was “the best soup in town”, and then she ate two bowls.
It’s not the cold that bothers me – it’s the wind that comes with it.
He had learned to say “naïve” with two dots and was proud of it.
The water was barely 12° when the children jumped in.
Her fiancé had promised to fix the roof before the first snow.
The repair took three weeks and cost about £250 in the end…
They walked for hours along the river and didn’t speak – not once.
Zoë kept the letters in a tin that used to hold biscuits.
A slice of cake was £3.20, so we shared one between us.
The old rôle of the mayor was to open fairs and close quarrels.
Señor Ortega taught us to dance on the deck of the ferry.
“Come in,” said the baker, “the rolls are nearly done.”
Half of the garden, ½ an acre or so, was given over to beans.
""",
    "German": """
Über den Dächern hing noch der Nebel, als die Bäckerin ihren Laden öffnete.
Der alte Schäfer kannte jede Höhle und jeden Weg in den Bergen.
Wir saßen am Küchentisch und erzählten uns Geschichten von früher.
Die Straße war so schmal, dass zwei Wagen nicht aneinander vorbeikamen.
„Warum hörst du nie zu?“, fragte sie und schüttelte den Kopf.
Im März blühten die ersten Bäume, und die Mädchen spielten draußen.
Er wußte, daß der Schlüssel unter dem großen Blumentopf lag.
Ohne Brille konnte sie die Schrift auf dem Zettel nicht mehr lesen, was sie ärgerte.
Der Zug fuhr pünktlich ab, nur der Schaffner fehlte.
Vögel sammelten sich auf den Drähten, bereit für die Reise nach Süden.
Großvater füllte die Gläser und sagte kein Wort.
Am Fluß standen Körbe voller Äpfel, die niemand abgeholt hatte.
Das Mädchen grüßte höflich und lief die Treppe hinunter.
Es dämmerte schon, und in den Häusern gingen die Lichter an.
Möglicherweise hätte ein einziges Gespräch genügt, um alles zu klären.
Die Tür war offen, der Ofen kalt, und auf dem Stuhl schlief eine Katze.
""",
    "French": """
L’été dernier, nous avons marché jusqu’à la mer sans rencontrer personne.
Elle répétait toujours la même phrase : « On verra bien demain. »
Le vieux médecin habitait près de la gare, derrière les platanes.
Ça ne sert à rien de se presser, dit-il, le bac ne part qu’à midi.
Où êtes-vous allés pendant que je préparais le dîner ?
La pièce sentait le thé, la cire et les livres très anciens.
Les élèves avaient caché une grenouille dans le bureau du maître.
Il hésita un instant, puis posa la clé sur la table de chêne.
À l’aube, les pêcheurs tirèrent leurs filets, presque vides.
Son frère aîné ne voulait plus parler de ce qui s’était passé là-bas.
Un garçon jouait de l’accordéon sous la fenêtre de l’hôtel.
Nous étions fatigués, mais heureux d’être enfin arrivés.
Personne n’avait prévu que la rivière déborderait si tôt.
La boulangère gardait les clés du cinéma depuis la fête du village.
Peut-être reviendra-t-elle dès que les cerisiers auront fleuri.
Le père de Zoë a lui-même réparé l’horloge, pièce après pièce.
""",
    "Spanish": """
El niño dejó la bicicleta junto al río y corrió hacia la montaña.
¿Quién te dijo que mañana no habría pan en la panadería?
La abuela cosía despacio, sin levantar los ojos de la ropa.
Había llovido toda la noche y el camino seguía lleno de charcos.
¡Qué alegría verte después de tantos años!, exclamó el capitán.
Los pájaros cantaban en el jardín antes de que saliera el sol.
Nunca aprendió a nadar, aunque vivió siempre cerca del océano.
El señor Núñez abrió la tienda a las nueve, como cada sábado.
Le pedí un café y él me trajo también un trozo de pan con miel.
Aquí nadie tenía prisa, y el reloj de la plaza no funcionaba desde otoño.
Mi tía guardaba las cartas en un cajón que jamás abría.
También las sillas estaban pintadas de un azul que ya se había ido.
No sé cuándo volverá, respondió la mujer, pero dejó su dirección.
El tren se detuvo en una estación pequeña, rodeada de viñas.
En aquella época los niños jugábamos en la calle hasta el anochecer.
Según el médico, el corazón del anciano era fuerte como un roble.
""",
    "Portuguese": """
A avó não quis vender a casa, embora já ninguém morasse lá.
São poucas as pessoas que conhecem aquele caminho até à praia.
O pescador remendava as redes e cantava uma canção muito antiga.
Depois do almoço, as crianças iam brincar no quintal da vizinha.
João chegou atrasado à estação e viu o comboio a partir.
Quando chove, a água desce pelas ruas como se fosse um rio.
Ela pôs a mesa com cuidado: três pratos, três copos, um lugar vazio.
Não há pressa, disse o relojoeiro, as horas voltam sempre.
O coração batia-lhe depressa quando abriu a carta do irmão.
Na manhã seguinte, o céu estava limpo e o mar parecia de vidro.
As laranjas eram tão doces que não precisavam de açúcar.
O médico da aldeia também era professor e, às vezes, músico.
Amanhã começam as férias e ninguém fez ainda as malas.
Lá em baixo, junto à ponte, vivia um homem que fazia violões.
Você já pensou no que vai dizer à sua mãe?
Ninguém sabia porque é que o relógio tinha parado às três.
""",
    "Italian": """
La città era ancora vuota quando il lattaio cominciò il suo giro.
Perché non sei venuto ieri? Ti abbiamo aspettato fino a mezzanotte.
Il nonno diceva che più si parla, meno si ascolta.
Era già sera, eppure nessuno voleva tornare a casa.
Quest’anno la neve è arrivata presto e ha coperto tutti i sentieri.
La maestra chiuse il libro e guardò fuori dalla finestra: però!
Lunedì il mercato era affollato, e così comprammo soltanto il pane.
Non c’è fretta, rispose, la barca partirà con la marea.
Lassù, oltre il bosco, c’era una fontana di cui nessuno sapeva l’età.
Metà del paese lavorava in fabbrica, l’altra metà nei campi.
Il caffè era così forte che il cucchiaino stava in piedi da solo.
Ci sarà tempo per tutto, anche per la felicità.
Chissà se potrò rivederla prima che cominci l’estate.
Giù al porto i marinai ridevano della nostra serietà.
Il gatto saltò sul tetto e là rimase fino a martedì.
Né mio padre né mia madre avevano mai visto il mare.
""",
    "Swedish": """
På våren går isen upp och båtarna får komma tillbaka i vattnet.
Gubben på hörnet sålde äpplen, päron och ibland en gammal bok.
När vi kom hem stod dörren öppen och kaffet var ännu varmt.
Hon hade aldrig sett så många stjärnor som den där natten.
Det är långt till närmaste by, men vägen är vacker och nästan tom.
Barnen sprang över ängen och ropade på hunden.
Kan du räcka mig saltet, frågade han, och jag gjorde det.
Mormor brukade säga att lönnen känner på sig när det blir höst.
Färjan gick klockan sju, så vi åt frukost på kajen.
Ingen visste varför klockan i tornet hade slutat slå.
Fågeln satt kvar på grenen ända tills solen gick ner.
Han målade huset rött, precis som hans far hade gjort.
I köket luktade det av bröd och våta vantar.
Läraren läste högt och alla glömde bort att det snöade.
Du måste åka förbi kyrkan och sedan svänga vänster vid ån.
Först på kvällen märkte vi att nyckeln låg kvar på bordet.
""",
    "Polish": """
Nad rzeką unosiła się mgła, a rybacy wracali już do domów.
Babcia mówiła, że żółte jabłka są najsłodsze po pierwszych przymrozkach.
Gdzie położyłeś książkę, którą wczoraj ci pożyczyłem?
Wieś leżała daleko od drogi i mało kto do niej zaglądał.
Chłopiec usiadł na ławce i zaczął liczyć przejeżdżające wozy.
Nikt nie pamiętał, kiedy ostatni raz dzwon na wieży się odezwał.
Później okazało się, że klucz leżał pod doniczką.
Pociąg spóźnił się o godzinę, więc zdążyliśmy zjeść obiad.
W kuchni pachniało chlebem i świeżo zmieloną kawą.
Dziewczyna otworzyła okno i wpuściła do pokoju chłodne powietrze.
Mój ojciec całe życie naprawiał zegary, choć sam nigdy się nie śpieszył.
Za lasem zaczynały się łąki, na których pasły się konie.
Słońce zaszło, a dzieci wciąż bawiły się przed stodołą.
Cóż było robić: zabraliśmy rzeczy i poszliśmy pieszo.
Stary kapitan śmiał się głośno, gdy opowiadał o burzach.
Jeśli wrócisz przed świętami, pójdziemy razem w góry.
""",
    "Czech": """
Na kopci stál starý mlýn, ve kterém už dávno nikdo nebydlel.
Děda vyprávěl příběhy, a my jsme seděli tiše jako myši.
Když přišla zima, řeka zamrzla a děti bruslily až k mostu.
Kde jsi nechal ten klíč od sklepa, zeptala se maminka.
Vlak měl zpoždění, takže jsme stihli ještě vypít kávu.
Ženy na trhu prodávaly hrušky, švestky a čerstvý chléb.
Učitel zavřel knihu a podíval se z okna na padající sníh.
Nikdo nevěděl, proč se hodiny na věži zastavily.
Šli jsme dlouho lesem, než se před námi otevřelo údolí.
Můj bratr se naučil hrát na housle dřív, než uměl číst.
Ráno bylo ticho, jen kohout u sousedů nemohl přestat.
Řekl, že se vrátí v sobotu, ale přijel až o měsíc později.
V kuchyni to vonělo skořicí a mokrými kabáty.
Za vesnicí tekl potok, ve kterém jsme chytali raky.
Pes ležel u dveří a čekal, až někdo půjde ven.
Až přijde jaro, natřeme plot na zeleno.
""",
    "Hungarian": """
A régi malom mellett egy öreg tölgyfa állt, alatta üldögéltünk nyáron.
Nagyapám mindig azt mondta, hogy a türelem többet ér az erőnél.
Hová tetted a könyvet, amelyet tegnap kölcsönadtam neked?
Reggelre leesett az első hó, és a gyerekek rögtön kiszaladtak.
A vonat késett, így maradt időnk megenni a szendvicseket.
Az ablakból látni lehetett a folyót és a túlparton a szőlőket.
Senki sem tudta, miért állt meg a toronyóra éppen délben.
A pék hajnalban kelt, amikor még a kutyák is aludtak.
Édesanyám a konyhában énekelt, és közben tésztát gyúrt.
Őszintén szólva nem gondoltam, hogy valaha visszajön.
Három napig esett, aztán hirtelen kisütött a nap.
A kertben meggy, körte és dió termett, sőt egy fügefa is.
Kérlek, csukd be az ajtót, mert hideg szél fúj odakint.
Az öreg hajós mosolygott, ha a viharokról kérdezték.
Később együtt mentünk le a tóhoz, hogy kikössük a csónakot.
Mielőtt elaludt volna, még egyszer elolvasta a levelet.
""",
    "Lithuanian": """
Prie ežero stovėjo sena pirtis, kurioje niekas nebesimaudė.
Močiutė sakydavo, kad duona skaniausia tada, kai ją keps kaimynas.
Kur padėjai raktą, kurį vakar tau daviau?
Žiemą upė užšąla ir vaikai čiuožia iki pat tilto.
Mokytojas užvertė knygą ir žiūrėjo pro langą į krintantį sniegą.
Niekas nežinojo, kodėl bokšto laikrodis sustojo vidurdienį.
Šeštadienį turguje pirkome obuolių, sūrio ir medaus.
Traukinys vėlavo, todėl dar spėjome išgerti kavos.
Už miško prasidėjo pievos, kuriose ganėsi arkliai.
Tėvas visą gyvenimą taisė laikrodžius, bet pats niekur neskubėjo.
Ji atidarė duris ir įleido į kambarį vėsų orą.
Mergaitė tyliai dainavo, kol saulė nusileido už kalvų.
Ąžuolas prie kelio matė daugiau žmonių negu mūsų miestelis.
Grįžęs namo jis rado laišką, kurio laukė visą vasarą.
Virtuvėje kvepėjo cinamonu ir šlapiais paltais.
Senasis jūrininkas juokėsi, kai klausėme apie audras.
""",
    "Turkish": """
Köyün dışında eski bir değirmen vardı, içinde kimse oturmuyordu.
Büyükannem sabahları bahçeye çıkar, güllerle konuşurdu.
Dün sana verdiğim kitabı nereye koydun?
Kış gelince göl donar, çocuklar köprüye kadar kayardı.
Öğretmen kitabı kapattı ve pencereden yağan kara baktı.
Kimse kuledeki saatin neden durduğunu bilmiyordu.
Tren gecikti, biz de istasyonda çay içip simit yedik.
Ormanın arkasında geniş çayırlar, onların ötesinde deniz başlıyordu.
Babam bütün ömrünü saat onarmakla geçirdi ama hiç acele etmedi.
Kız kapıyı açtı, odaya serin bir hava doldu.
İhtiyar balıkçı fırtınaları anlatırken gülümsüyordu.
Akşam olunca ışıklar yandı, sokaklar sessizleşti.
Mutfak ekmek ve taze kahve kokuyordu; pencere açıktı.
Şimdi gidersen vapura yetişirsin, dedi kadın.
Çarşamba günü pazardan elma, peynir ve üç kilo üzüm aldık.
Yağmur üç gün sürdü, sonra birden güneş çıktı.
""",
    "Russian": """
За деревней стояла старая мельница, в которой давно никто не жил.
Бабушка говорила, что терпение дороже силы.
Куда ты положил книгу, которую я вчера тебе дал?
Зимой река замерзала, и дети катались до самого моста.
Учитель закрыл тетрадь и посмотрел в окно на падающий снег.
Никто не знал, почему часы на башне остановились в полдень.
Поезд опаздывал, и мы успели выпить чаю с вареньем.
На кухне пахло хлебом и мокрыми пальто.
Отец всю жизнь чинил часы, но сам никогда не торопился.
Девочка открыла дверь, и в комнату вошёл холодный воздух.
Старый моряк смеялся, когда его спрашивали о бурях.
Дождь шёл три дня, а потом вдруг выглянуло солнце.
Мы долго шли лесом, пока перед нами не открылась долина.
Если вернёшься к празднику, пойдём вместе на озеро.
Собака лежала у порога и ждала, когда кто-нибудь выйдет.
Весной покрасим забор в зелёный цвет, объявил дедушка.
""",
    "Ukrainian": """
За селом стояв старий млин, у якому давно ніхто не жив.
Бабуся казала, що терпіння дорожче за силу.
Куди ти поклав книжку, яку я вчора тобі дав?
Узимку річка замерзала, і діти каталися аж до мосту.
Учитель закрив зошит і подивився у вікно на сніг, що падав.
Ніхто не знав, чому годинник на вежі зупинився опівдні.
Потяг запізнювався, тож ми ще встигли випити чаю.
На кухні пахло хлібом і мокрими пальтами.
Батько все життя лагодив годинники, але сам ніколи не поспішав.
Дівчина відчинила двері, і до кімнати зайшло холодне повітря.
Старий моряк сміявся, коли його питали про бурі.
Дощ ішов три дні, а потім раптом визирнуло сонце.
Ми довго йшли лісом, поки перед нами не відкрилася долина.
Якщо повернешся до свята, підемо разом на озеро.
Їжак шарудів під яблунею, шукаючи щось смачне.
Навесні пофарбуємо паркан у зелений колір, оголосив дідусь.
""",
    "Greek": """
Έξω από το χωριό υπήρχε ένας παλιός μύλος όπου δεν έμενε πια κανείς.
Η γιαγιά έλεγε πως η υπομονή αξίζει περισσότερο από τη δύναμη.
Πού έβαλες το βιβλίο που σου έδωσα χθες;
Τον χειμώνα το ποτάμι πάγωνε και τα παιδιά έφταναν ως τη γέφυρα.
Ο δάσκαλος έκλεισε το τετράδιο και κοίταξε έξω από το παράθυρο.
Κανείς δεν ήξερε γιατί σταμάτησε το ρολόι του πύργου.
Το τρένο άργησε, κι έτσι προλάβαμε να πιούμε έναν καφέ.
Η κουζίνα μύριζε ψωμί και βρεγμένα παλτά.
Ο πατέρας μου επισκεύαζε ρολόγια όλη του τη ζωή χωρίς να βιάζεται.
Το κορίτσι άνοιξε την πόρτα και μπήκε κρύος αέρας στο δωμάτιο.
Ο γέρος ναυτικός γελούσε όταν τον ρωτούσαν για τις φουρτούνες.
Έβρεχε τρεις μέρες και μετά ξαφνικά βγήκε ο ήλιος.
Περπατήσαμε πολλή ώρα στο δάσος μέχρι να φανεί η κοιλάδα.
Αν γυρίσεις πριν από τη γιορτή, θα πάμε μαζί στη λίμνη.
Ο σκύλος περίμενε στο κατώφλι να βγει κάποιος.
Την άνοιξη θα βάψουμε τον φράχτη πράσινο, είπε ο παππούς.
""",
    "Hebrew": """
מחוץ לכפר עמדה טחנה ישנה שאיש לא גר בה כבר שנים רבות.
סבתא אמרה תמיד שהסבלנות חשובה יותר מן הכוח.
איפה שמת את הספר שנתתי לך אתמול?
בחורף קפא הנהר, והילדים החליקו עד הגשר.
המורה סגר את המחברת והביט מן החלון בשלג היורד.
איש לא ידע מדוע נעצר השעון שעל המגדל.
הרכבת איחרה, ולכן הספקנו לשתות כוס קפה.
במטבח היה ריח של לחם ושל מעילים רטובים.
אבא תיקן שעונים כל חייו, אבל הוא עצמו מעולם לא מיהר.
הילדה פתחה את הדלת, ואוויר קר נכנס אל החדר.
המלח הזקן צחק כאשר שאלו אותו על הסערות.
שלושה ימים ירד גשם, ופתאום יצאה השמש.
הלכנו זמן רב ביער עד שנפתח לפנינו העמק.
אם תחזור לפני החג, נלך יחד אל האגם.
הכלב שכב על הסף וחיכה שמישהו ייצא.
באביב נצבע את הגדר בירוק, הודיע סבא.
""",
    "Arabic": """
كانت خارج القرية طاحونة قديمة لم يسكنها أحد منذ سنوات.
كانت جدتي تقول إن الصبر أثمن من القوة.
أين وضعت الكتاب الذي أعطيتك إياه أمس؟
في الشتاء كان النهر يتجمد ويلعب الأطفال حتى الجسر.
أغلق المعلم دفتره ونظر من النافذة إلى الثلج المتساقط.
لم يعرف أحد لماذا توقفت ساعة البرج عند الظهر.
تأخر القطار فشربنا القهوة في المحطة.
كانت رائحة الخبز والمعاطف المبللة تملأ المطبخ.
قضى أبي حياته كلها في إصلاح الساعات ولم يكن مستعجلا قط.
فتحت البنت الباب فدخل هواء بارد إلى الغرفة.
ضحك البحار العجوز عندما سألوه عن العواصف.
هطل المطر ثلاثة أيام ثم أشرقت الشمس فجأة.
مشينا طويلا في الغابة حتى ظهر الوادي أمامنا.
إذا عدت قبل العيد فسنذهب معا إلى البحيرة.
كان الكلب ينتظر عند العتبة أن يخرج أحد.
في الربيع سنطلي السياج باللون الأخضر، هكذا قال جدي.
""",
    "Chinese": """
村外有一座老磨坊，很多年没有人住了。
奶奶常说，耐心比力气更要紧。
昨天我借给你的那本书，你放在哪里了？
冬天河水结冰，孩子们一直滑到桥边。
老师合上本子，望着窗外飘落的雪花。
谁也不知道塔上的钟为什么停在中午。
火车晚点了，我们在车站喝了一杯热茶。
厨房里有面包的香味，还有湿大衣的气味。
父亲修了一辈子钟表，自己却从来不着急。
小姑娘打开门，一阵冷风吹进屋子。
别人问起风暴的时候，老船长总是笑一笑。
雨下了三天，后来太阳忽然出来了。
我们在树林里走了很久，才看见山谷。
如果你过节以前回来，我们就一起去湖边。
狗趴在门口，等着有人带它出去。
到了春天，我们把篱笆刷成绿色，爷爷说。
""",
    "Japanese": """
村のはずれに、もう誰も住んでいない古い水車小屋があった。
祖母はいつも、力よりも我慢が大切だと言っていた。
昨日貸した本をどこに置いたの、と姉が聞いた。
冬になると川が凍り、子どもたちは橋まで滑って行った。
先生はノートを閉じて、窓の外に降る雪を眺めた。
塔の時計がなぜ正午に止まったのか、誰も知らなかった。
列車が遅れたので、駅で熱いお茶を飲むことができた。
台所にはパンと濡れたコートの匂いがしていた。
父は一生時計を直していたが、自分は決して急がなかった。
少女がドアを開けると、冷たい空気が部屋に入ってきた。
嵐のことを聞かれると、年老いた船乗りは笑うだけだった。
雨は三日続き、それから急に日が差した。
森の中を長いあいだ歩いて、ようやく谷が見えた。
祭りの前に帰ってきたら、一緒に湖へ行こう。
犬は玄関に寝そべって、誰かが出るのを待っていた。
春になったら垣根を緑に塗ろう、とおじいさんが言った。
""",
    "Korean": """
마을 밖에는 아무도 살지 않는 낡은 물레방앗간이 있었다.
할머니는 힘보다 참을성이 더 중요하다고 말씀하셨다.
어제 빌려준 책을 어디에 두었니?
겨울이면 강물이 얼어서 아이들은 다리까지 미끄럼을 탔다.
선생님은 공책을 덮고 창밖에 내리는 눈을 바라보셨다.
탑의 시계가 왜 정오에 멈추었는지 아무도 몰랐다.
기차가 늦어서 우리는 역에서 뜨거운 차를 마셨다.
부엌에서는 빵 냄새와 젖은 외투 냄새가 났다.
아버지는 평생 시계를 고치셨지만 서두르신 적이 없다.
소녀가 문을 열자 찬 공기가 방으로 들어왔다.
폭풍 이야기를 물으면 늙은 선원은 그저 웃었다.
비가 사흘 동안 내리더니 갑자기 해가 나왔다.
우리는 숲속을 오래 걸은 뒤에야 골짜기를 보았다.
명절 전에 돌아오면 함께 호수에 가자.
개는 문턱에 엎드려 누가 나오기를 기다렸다.
봄이 오면 울타리를 초록색으로 칠하자고 할아버지가 말씀하셨다.
""",
    "Traditional Chinese": """
村外有一座老磨坊，很多年沒有人住了。
奶奶常說，耐心比力氣更要緊。
昨天我借給你的那本書，你放在哪裡了？
冬天河水結冰，孩子們一直滑到橋邊。
老師合上本子，望著窗外飄落的雪花。
誰也不知道塔上的鐘為什麼停在中午。
火車晚點了，我們在車站喝了一杯熱茶。
廚房裡有麵包的香味，還有濕大衣的氣味。
父親修了一輩子鐘錶，自己卻從來不著急。
小姑娘打開門，一陣冷風吹進屋子。
別人問起風暴的時候，老船長總是笑一笑。
雨下了三天，後來太陽忽然出來了。
我們在樹林裡走了很久，才看見山谷。
如果你過節以前回來，我們就一起去湖邊。
狗趴在門口，等著有人帶牠出去。
到了春天，我們把籬笆刷成綠色，爺爺說。
""",
}

HELD_OUT = {
    "English": """
The plumber wanted £85 just to look at it.
Photograph © by the author’s cousin.
A résumé lay on the desk.
It was 30° in the shade – too hot to think.
“Sit,” he told the dog.
São Paulo was further than she had imagined.
""",
    "German": """
Müde stieg der Bergführer in den Bus.
Die Fußgänger drängten sich über die Brücke.
Zwölf Hühner flohen aus dem Stall.
Ein Café war noch geöffnet.
""",
    "French": """
Le garçon a mangé une pêche.
Sa sœur était à l’hôpital.
Voilà où mène la paresse !
Noël tombe un jeudi cette année.
""",
    "Spanish": """
La muñeca se cayó del balcón.
¿Dónde están los zapatos?
El otoño llegó sin avisar.
""",
    "Portuguese": """
O avião não chegou.
As maçãs estão na cozinha.
Três irmãos viviam na colina.
""",
    "Italian": """
La verità venne fuori di venerdì.
Il tè è già freddo.
Perciò nessuno parlò più.
""",
    "Swedish": """
Älgen gick över vägen.
Vi köpte smör och ägg.
Några få stannade kvar på ön.
""",
    "Polish": """
Żaba skoczyła do wody.
Mąż kupił świeże bułki.
Źrebię biegało po łące.
""",
    "Czech": """
Dědeček četl noviny.
Kůň běžel přes louku.
Žádný déšť nepřišel.
""",
    "Hungarian": """
A tűz kialudt, az eső esett.
Kérek egy pohár vizet, szólt az őr.
Két öreg nő ült a padon.
""",
    "Lithuanian": """
Žvejai grįžo namo.
Mūsų šuo išbėgo į mišką.
Ąžuolas augo prie kelio.
""",
    "Turkish": """
Çocuk ağacın altında uyuyordu.
Kış çok soğuk geçti.
Işık söndü, herkes sustu.
""",
    "Russian": """
Старый мельник закрыл дверь.
Осенью здесь тихо.
Кто взял мою шапку?
""",
    "Ukrainian": """
Їжак заснув під яблунею.
Дівчина співала біля річки.
Моє місто стоїть на пагорбі.
""",
    "Greek": """
Η γάτα κοιμάται στον ήλιο.
Πού πήγες χθες το βράδυ;
Το ψωμί είναι ζεστό.
""",
    "Hebrew": """
הילד אכל תפוח גדול.
מתי תחזור הביתה?
""",
    "Arabic": """
ذهب الولد إلى السوق.
أين تركت المفتاح؟
""",
    "Chinese": """
老师在窗前读信。
今天的风很大。
""",
    "Japanese": """
駅の前で犬が待っていた。
明日は雨でしょう。
""",
    "Korean": """
할머니가 마당을 쓸었다.
내일 다시 올게요.
""",
    "Traditional Chinese": """
老師在窗前讀信。
今天的風很大。
""",
}

PLAIN = {
    "English": """
The river was quiet that morning, and nobody spoke of it.
In winter the road is closed, and the post comes by boat.
She put the kettle on and waited for the others to wake.
There were apples on the table and a note under the lamp.
He could not remember why he had come into the room.
My brother keeps bees and talks about little else.
By the time we reached the bridge it was getting dark.
Nothing in the house had changed since the day they left.
""",
    "German": """
Der Hund lief voraus und wartete an jeder Ecke.
Am Abend kamen die Nachbarn und brachten Brot mit.
Niemand konnte sagen, woher der rote Wagen vor dem Haus kam.
Im Winter ist der See zugefroren und alles wird still.
Sie nahm den Mantel vom Haken und ging ohne ein Wort hinaus.
Dann begann es zu regnen, und wir stellten uns unter.
Das Kind hatte den ganzen Tag am Bach gespielt.
Es war einmal ein Schneider, der keine Nadel mehr fand.
""",
    "French": """
Il pleut depuis trois jours et le chien ne veut plus sortir.
Les voisins sont partis hier avec toutes leurs affaires.
Je ne sais pas ce que tu cherches dans ce tiroir.
On entendait le vent dans les arbres et rien de plus.
Mon oncle vendait des pommes sur la place du village.
Elle ouvrit la porte sans faire de bruit et sourit.
Nous avons dormi dans une grange au bord de la route.
Le train du matin passe par ici sans jamais faire halte.
""",
    "Spanish": """
El perro iba delante y nos esperaba en cada esquina.
Por la tarde llegaron los vecinos con pan y queso.
No quiero hablar de eso, dijo ella, y se fue a casa.
En invierno el lago se hiela y todo queda en silencio.
Mi hermano vende zapatos en la plaza del pueblo.
Las ventanas estaban abiertas y entraba el viento del mar.
Cuando llegamos al puente ya era casi de noche.
Nadie recordaba de quien era la casa de la colina.
""",
    "Portuguese": """
O cachorro ia na frente e esperava por todos na esquina.
De tarde chegaram os vizinhos com vinho e queijo.
Meu pai vendia sapatos na feira da vila.
No inverno o lago gela e tudo fica em sossego.
As janelas estavam abertas e entrava o vento do mar.
Ela fechou a porta e foi embora sem dizer nada.
Quando chegamos ao rio, a noite tinha acabado de cair.
Todos sabem de quem era a casa da colina.
""",
    "Italian": """
Il cane correva avanti e ci aspettava a ogni angolo.
La sera arrivarono i vicini con il pane e il vino.
Mio fratello vende scarpe nella piazza del paese.
In inverno il lago gela e tutto diventa silenzioso.
Le finestre erano aperte ed entrava il vento del mare.
Lei chiuse la porta e se ne andava senza dire nulla.
Quando arrivammo al ponte era quasi notte.
Nessuno ricordava di chi fosse la casa sulla collina.
""",
    "Swedish": """
Hunden sprang framme vid grinden och ville inte komma.
Den som kommer sist till bordet diskar efter maten.
Min bror har en butik i byn och talar bara om skor.
Om vintern fryser vattnet till is och allt blir tyst.
De satt i stugan och drack te medan det regnade.
Katten sover hela dagen under lampan i fru Lunds rum.
Ingen mindes vem som bodde i huset intill skogen.
Han tog hatten och gick ut i regnet utan ett ord.
""",
    "Polish": """
Pies biega po parku i czeka na nas na rogu ulicy.
Mama kupuje na targu pomidory, ser i chleb.
Zima trwa tutaj do samego marca.
Brat sprzedaje buty na rynku i zna tam wszystkich.
Ten dom ma dwa okna i jedne drzwi.
Na stole stoi kubek, a obok lampy jest list od brata.
Deszcz pada od rana i nikt nie ma parasola.
Potem wracamy do domu przez park i stary most.
""",
    "Czech": """
Pes utekl do lesa a kocour spal doma.
Na stole bylo jablko a vedle lampy dopis od bratra.
Matka koupila maso, ryby a mouku.
Nikdo z nich nechce mluvit o tom domu.
Sestra sedla na kolo a jela do lesa pro houby.
Venku bylo teplo, a tak se pes koupal v potoku.
Potom otec odjel vlakem do Brna.
Kdo tam je, zavolal hlas z okna nad obchodem.
""",
    "Hungarian": """
Ma este nem megy el innen senki.
Tegnap nem volt otthon senki, csak a macska aludt a sarokban.
Nagyapa kalapja ott maradt az asztal alatt.
Valaki kopogott az ablakon, de nem mentem ki.
Holnap reggel indul a busz a hegyekbe.
Az a hely nem messze van innen, csak az utat nem ismerem.
Van itt bor, sajt meg egy kis szalonna.
Mit akar itt ez az ember, mondta halkan Anna.
""",
    "Lithuanian": """
Senelis pasakojo apie laivus, kuriais plaukiojo jaunas.
Upelio vanduo buvo skaidrus kaip stiklas.
Ant stalo guli obuolys, o prie lempos stovi puodelis.
Brolis parduoda batus miesto turguje ir apie tai daug kalba.
Kas ten eina, klausia senas kaimynas.
Niekas neprisimena, kieno tas namas ant kalno.
Lietus lijo nuo ryto, ir katinas miegojo po stalu.
Po darbo jis eina pas draugus ir geria alaus.
""",
    "Turkish": """
Babam sabah erkenden kalkar, denize inerdi.
Masada elma var, sepette ekmek.
Bu ev kimin, onu bilen bir tek insan yok.
Annem pazardan domates, peynir ve ekmek getirdi.
Neden geldim ben bu odaya, diye sordu kendi kendine.
Kedi bu sabah eve geldi ve hemen uyudu.
Bir saat sonra tekrar gelirim, dedi ve elini verdi.
Su serin, deniz sakin, hava da temizdi.
""",
}


_TYPED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "..."})


def prose(draws: Random, language: str, codec: str, odd: int, plain: int) -> str:
    """Return a text that the encoding can hold: lines with letters beyond ASCII, mixed with plain lines.

    A line is one sentence or two, drawn at random. A language that has no plain lines, since its script is another,
    gets none.
    """
    known = sentences(ODD, language, codec)
    return mixed(draws, language, [_line(draws, known) for _ in range(odd)], plain)


def mixed(draws: Random, language: str, lines: list[str], plain: int) -> str:
    """Return a text of the lines in random order, mixed with so many plain ones if the language has any."""
    drawn = [_line(draws, _lines(PLAIN[language])) for _ in range(plain if language in PLAIN else 0)]
    every = lines + drawn
    draws.shuffle(every)
    return "\n".join(every) + "\n"


def sentences(source: Mapping[str, str], language: str, codec: str) -> list[str]:
    """Return the odd sentences that an encoding can hold, if need be with typewriter marks for typographic ones.

    `source` is ODD or HELD_OUT. Big5 is an encoding of Taiwan and Hong Kong, so it gets traditional characters.
    """
    text = source["Traditional Chinese" if codec == "big5" else language]
    fitting = (_fitting(sentence, codec) for sentence in _lines(text))
    return [sentence for sentence in fitting if not sentence.isascii()]


def _fitting(sentence: str, codec: str) -> str:
    for spelled in (sentence, sentence.translate(_TYPED)):
        try:
            spelled.encode(codec)
        except UnicodeEncodeError:
            continue
        return spelled
    return ""


def _line(draws: Random, known: list[str]) -> str:
    return " ".join(draws.sample(known, draws.randint(1, 2)))


def _lines(text: str) -> list[str]:
    return text.strip().split("\n")


_WESTERN = ("cp1252", "iso8859_15", "cp850", "mac_roman", "cp437", "iso8859_1")
_CENTRAL = ("cp1250", "iso8859_2", "cp852")

#: The encodings older than Unicode that people wrote a language in, the most frequent first
ENCODINGS = {
    "English": _WESTERN,
    "German": _WESTERN,
    "French": ("cp1252", "iso8859_15", "cp850", "mac_roman"),
    "Spanish": _WESTERN,
    "Portuguese": ("cp1252", "iso8859_1", "cp850", "mac_roman"),
    "Italian": _WESTERN,
    "Swedish": _WESTERN,
    "Polish": _CENTRAL,
    "Czech": _CENTRAL,
    "Hungarian": _CENTRAL,
    "Lithuanian": ("cp1257", "iso8859_13"),
    "Turkish": ("cp1254", "iso8859_9", "cp857"),
    "Russian": ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"),
    "Ukrainian": ("cp1251", "koi8_u"),
    "Greek": ("cp1253", "iso8859_7", "cp737"),
    "Hebrew": ("cp1255", "iso8859_8"),
    "Arabic": ("cp1256", "iso8859_6"),
    "Chinese": ("gb18030", "gb2312", "big5", "hz"),
    "Japanese": ("cp932", "euc_jp", "iso2022_jp"),
    "Korean": ("cp949", "euc_kr"),
}
