//! The texts. English first, French second; `{0}`, `{1}` stand for names and numbers.

macro_rules! texts {
    ($($name:ident: $english:literal, $french:literal;)*) => {
        /// A text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)] // each is its own documentation
        pub enum Text { $($name,)* }

        impl Text {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// In English and in French.
            #[must_use]
            pub fn both(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($english, $french),)* }
            }
        }
    };
}

/// From Monday.
pub const WEEKDAYS: [Text; 7] = [
    Text::Monday,
    Text::Tuesday,
    Text::Wednesday,
    Text::Thursday,
    Text::Friday,
    Text::Saturday,
    Text::Sunday,
];

/// From January.
pub const MONTHS: [Text; 12] = [
    Text::January,
    Text::February,
    Text::March,
    Text::April,
    Text::May,
    Text::June,
    Text::July,
    Text::August,
    Text::September,
    Text::October,
    Text::November,
    Text::December,
];

texts! {
    // days
    Today: "Today", "Aujourd’hui";
    Yesterday: "Yesterday", "Hier";
    Monday: "Monday", "lundi";
    Tuesday: "Tuesday", "mardi";
    Wednesday: "Wednesday", "mercredi";
    Thursday: "Thursday", "jeudi";
    Friday: "Friday", "vendredi";
    Saturday: "Saturday", "samedi";
    Sunday: "Sunday", "dimanche";
    January: "January", "janvier";
    February: "February", "février";
    March: "March", "mars";
    April: "April", "avril";
    May: "May", "mai";
    June: "June", "juin";
    July: "July", "juillet";
    August: "August", "août";
    September: "September", "septembre";
    October: "October", "octobre";
    November: "November", "novembre";
    December: "December", "décembre";

    // connection
    Online: "online", "en ligne";
    Connecting: "connecting…", "connexion…";
    CatchingUp: "catching up…", "mise à jour…";
    OfflineRetry: "offline, trying again in {0} s", "hors ligne, nouvel essai dans {0} s";
    Suspended: "suspended by an admin", "suspendu par un admin";
    OfflineNow: "offline, trying again…", "hors ligne, nouvel essai…";
    OnlyReading: "read-only", "lecture seule";
    OnlyReadingWhy: "The server can't save anything at the moment ({0}). You can read; what you write waits here and goes out later.", "Le serveur ne peut rien enregistrer pour le moment ({0}). Vous pouvez lire ; ce que vous écrivez attend ici et partira plus tard.";
    HelpHint: "/help", "/aide";

    // the server
    ServerTitle: "Which server?", "Quel serveur ?";
    ServerExplain: "Paste the invitation that you were sent. If you have none but have an account or a set-up code, type the server's address, as its terminal shows it: https://HOST:PORT", "Collez l’invitation que vous avez reçue. Si vous n’en avez pas mais avez un compte ou un code d’installation, tapez l’adresse du serveur, telle que son terminal l’affiche : https://HÔTE:PORT";
    ServerPrompt: "Invitation or address", "Invitation ou adresse";
    ServerBad: "That is neither an invitation nor an address. An invitation is one long link: copy all of it. An address looks like https://HOST:PORT", "Ce n’est ni une invitation ni une adresse. Une invitation est un seul long lien : copiez-le en entier. Une adresse ressemble à https://HÔTE:PORT";
    FingerprintBad: "--fingerprint needs 64 hexadecimal digits or six words, as the server's terminal shows them.", "--fingerprint attend 64 chiffres hexadécimaux ou six mots, tels que le terminal du serveur les affiche.";
    OtherServer: "This folder belongs to another server than the invitation. Use another folder: --folder", "Ce dossier appartient à un autre serveur que l’invitation. Utilisez un autre dossier : --folder";
    Looking: "Looking at the server {0}…", "Prise de contact avec le serveur {0}…";
    TrustTitle: "Is this your server?", "Est-ce votre serveur ?";
    TrustExplain: "{0} shows a certificate with these six words:", "{0} présente un certificat dont voici les six mots :";
    TrustHex: "In full:", "En entier :";
    TrustQuestion: "Does the server's terminal show the same words?", "Le terminal du serveur affiche-t-il les mêmes mots ?";
    TrustWhy: "If not, somebody may be between you and the server: answer no.", "Sinon, quelqu’un se trouve peut-être entre vous et le serveur : répondez non.";
    TrustPrompt: "yes or no", "oui ou non";
    TrustAnswer: "Please answer yes or no.", "Répondez oui ou non, s’il vous plaît.";
    TrustRefused: "Not trusted. Nothing was sent to that server. Ask the person who runs it.", "Refusé. Rien n’a été envoyé à ce serveur. Demandez à la personne qui s’en occupe.";

    // welcome
    WelcomeTitle: "Welcome", "Bienvenue";
    WelcomeAsk: "What would you like to do?", "Que souhaitez-vous faire ?";
    WelcomeWaiting: "Connecting to the server…", "Connexion au serveur…";
    WelcomeKeys: "↑ ↓ choose · Enter go on · Ctrl-C quit", "↑ ↓ choisir · Entrée continuer · Ctrl-C quitter";
    ChooseSetUp: "Set up a new organisation (with the set-up code)", "Créer une nouvelle organisation (avec le code d’installation)";
    ChooseRegister: "Register with an invitation", "M’inscrire avec une invitation";
    ChooseSignIn: "Sign in: I have a name and a passphrase", "Me connecter : j’ai un nom et une phrase secrète";
    SignedOut: "This device was signed out. Sign in again to go on.", "Cet appareil a été déconnecté. Reconnectez-vous pour continuer.";

    // forms
    SetUpTitle: "A new organisation", "Une nouvelle organisation";
    RegisterTitle: "Register", "Inscription";
    SignInTitle: "Sign in", "Connexion";
    FieldCode: "Set-up code", "Code d’installation";
    FieldCodeHelp: "The server's terminal shows it.", "Le terminal du serveur l’affiche.";
    FieldOrganisation: "Name of the organisation", "Nom de l’organisation";
    FieldOrganisationHelp: "All members see it.", "Tous les membres le voient.";
    FieldInvitation: "Invitation", "Invitation";
    FieldInvitationHelp: "Paste the whole link.", "Collez le lien en entier.";
    FieldLogin: "Login name", "Nom de connexion";
    FieldLoginHelp: "Short, to sign in with; for example: ada", "Court, pour vous connecter ; par exemple : ada";
    FieldLoginSignInHelp: "The name that you registered with.", "Le nom avec lequel vous vous êtes inscrit.";
    FieldDisplay: "Display name", "Nom affiché";
    FieldDisplayHelp: "How the others see you. Empty: the login name.", "Comment les autres vous voient. Vide : le nom de connexion.";
    FieldPassphrase: "Passphrase", "Phrase secrète";
    FieldValue: "{0}: ", "{0} : ";
    FormKeys: "Enter go on · Esc back · Ctrl-C quit", "Entrée continuer · Échap retour · Ctrl-C quitter";
    Needed: "This can't be empty.", "Ce champ ne peut pas être vide.";
    InvitationBad: "That is not an invitation. It is one long link: copy all of it.", "Ce n’est pas une invitation. C’est un seul long lien : copiez-le en entier.";
    InvitationElsewhere: "That invitation is for another server. Start again with an empty folder: --folder", "Cette invitation est pour un autre serveur. Recommencez avec un dossier vide : --folder";

    // passphrase
    PassphraseOffer: "Your passphrase", "Votre phrase secrète";
    PassphraseOfferHelp: "Write these five words down and keep them safe. With your name they bring back all your messages on any device. Nobody can reset them for you.", "Notez ces cinq mots et gardez-les en lieu sûr. Avec votre nom, ils ramènent tous vos messages sur n’importe quel appareil. Personne ne peut les réinitialiser pour vous.";
    PassphraseOfferKeys: "Enter use it · Ctrl-N another one · Tab my own · Esc back", "Entrée l’utiliser · Ctrl-N une autre · Tab la mienne · Échap retour";
    PassphraseOwn: "Your own passphrase", "Votre propre phrase secrète";
    PassphraseOwnHelp: "Several words that nobody would guess together. With your name it brings back all your messages; nobody can reset it for you.", "Plusieurs mots que personne ne devinerait ensemble. Avec votre nom, elle ramène tous vos messages ; personne ne peut la réinitialiser pour vous.";
    PassphraseOwnKeys: "Enter go on · Ctrl-R show or hide · Tab offer me one · Esc back", "Entrée continuer · Ctrl-R montrer ou cacher · Tab m’en proposer une · Échap retour";
    PassphraseAgain: "Type it once again", "Tapez-la encore une fois";
    PassphraseAgainHelp: "So that we both know that you have it.", "Pour être sûrs que vous l’avez bien.";
    PassphraseAgainKeys: "Enter go on · Ctrl-R show or hide · Esc back", "Entrée continuer · Ctrl-R montrer ou cacher · Échap retour";
    PassphraseAgainGeneratedKeys: "Enter go on · Ctrl-R show or hide · Tab I have written it down · Esc back", "Entrée continuer · Ctrl-R montrer ou cacher · Tab je l’ai notée · Échap retour";
    PassphraseSignInKeys: "Enter go on · Ctrl-R show or hide · Esc back", "Entrée continuer · Ctrl-R montrer ou cacher · Échap retour";
    PassphraseDiffers: "That is not the same passphrase.", "Ce n’est pas la même phrase secrète.";
    PassphraseWeak: "Too easy to guess. Use more words that don't belong together, or press Tab for one that is offered.", "Trop facile à deviner. Prenez davantage de mots sans rapport entre eux, ou appuyez sur Tab pour qu’on vous en propose une.";
    PassphraseEmpty: "Type the passphrase.", "Tapez la phrase secrète.";
    PassphraseTooLong: "That passphrase is too long.", "Cette phrase secrète est trop longue.";
    PassphraseCharacters: "That passphrase has a character that can't be used.", "Cette phrase secrète contient un caractère inutilisable.";
    Strength0: "guessed at once", "devinée tout de suite";
    Strength1: "very weak", "très faible";
    Strength2: "weak", "faible";
    Strength3: "nearly there", "presque assez";
    Strength4: "strong", "solide";

    // recovery code
    RecoveryTitle: "Recovery code", "Code de secours";
    NoRecoveryTitle: "No recovery code any more", "Plus de code de secours";
    NewPassphraseTitle: "A new passphrase", "Une nouvelle phrase secrète";
    FieldCurrent: "Your passphrase", "Votre phrase secrète";
    RecoveryWhy: "The code on paper lets you in when your passphrase is forgotten. Whoever finds it gets in too.", "Le code sur papier vous fait entrer quand la phrase secrète est oubliée. Qui le trouve entre aussi.";
    NoRecoveryWhy: "The sheet opens nothing any more then.", "La feuille n’ouvre alors plus rien.";
    RecoveryYours: "Write this code down; it is shown this once:", "Notez ce code ; il n’est montré que cette fois :";
    RecoveryAgain: "Type it again from your paper. Then it counts.", "Retapez-le en le lisant sur votre papier. Alors il compte.";
    FieldRecovery: "Recovery code", "Code de secours";
    FieldRecoveryHelp: "Six groups of five letters and digits.", "Six groupes de cinq lettres et chiffres.";
    SignInOrCode: "Forgotten? Type your recovery code in its place.", "Oubliée ? Tapez à la place votre code de secours.";
    RecoveryMistyped: "Something in the code is mistyped. Compare it with your paper, letter by letter.", "Il y a une faute de frappe dans le code. Comparez avec votre papier, lettre par lettre.";
    RecoveryOther: "That is another code. Type the one shown here.", "C’est un autre code. Tapez celui qui est montré ici.";
    RecoveryMade: "Your recovery code is ready. Destroy the sheet of any earlier one.", "Votre code de secours est prêt. Détruisez la feuille du précédent.";
    RecoveryRemoved: "There is no recovery code any more. Destroy the sheet.", "Il n’y a plus de code de secours. Détruisez la feuille.";
    PassphraseIsNew: "Your passphrase is changed. Destroy the note with the old one.", "Votre phrase secrète est changée. Détruisez la note de l’ancienne.";
    ChangePassphraseWhy: "The new one is needed wherever you sign in next. Devices that are signed in stay so. Forgotten? Esc, then /passphrase code for the recovery code, or /forgotten.", "La nouvelle sera demandée à votre prochaine connexion. Les appareils déjà connectés le restent. Oubliée ? Échap, puis /phrase code pour le code de secours, ou /oubliée.";
    FieldKnown: "Somebody may know the old one", "Quelqu’un connaît peut-être l’ancienne";
    KnownAsk: "May somebody know the old passphrase?", "Quelqu’un connaît-il peut-être l’ancienne phrase secrète ?";
    KnownYes: "yes, also when you are not sure: your keys are changed as well, in every conversation; those that somebody got by the old one are of no use any more. That takes a little longer; you can go on writing. Devices stay signed in: /devices shows them.", "oui, aussi dans le doute : vos clés sont changées aussi, dans chaque conversation ; celles que quelqu’un aurait obtenues par l’ancienne ne servent plus à rien. C’est un peu plus long ; vous pouvez continuer à écrire. Les appareils restent connectés : /appareils les montre.";
    KnownNo: "no: your keys stay as they are.", "non : vos clés restent les mêmes.";
    RecoveryRemind: "If you forget your passphrase, nobody can open your messages for you. A recovery code on paper could: /recovery makes one. Esc: no, thank you.", "Si vous oubliez votre phrase secrète, personne ne peut ouvrir vos messages à votre place. Un code de secours sur papier le pourrait : /secours en crée un. Échap : non merci.";
    PassphraseWanted: "You came in with your recovery code and have no new passphrase yet: /passphrase", "Vous êtes entré avec votre code de secours et n’avez pas encore de nouvelle phrase secrète : /phrase";
    ApprovalTitle: "Approval of new sign-ins", "Approbation des nouvelles connexions";
    NoApprovalTitle: "No approval any more", "Plus d’approbation";
    ApprovalWhy: "From then on a new sign-in needs one of your devices as well. It begins with a new passphrase. If you lose all devices and have no recovery code, your history is gone.", "Dès lors, une nouvelle connexion demande aussi un de vos appareils. Cela commence par une nouvelle phrase secrète. Sans appareil ni code de secours, votre historique est perdu.";
    NoApprovalWhy: "New sign-ins need only your passphrase then.", "Les nouvelles connexions ne demandent alors que votre phrase secrète.";
    ApprovalIsOn: "New sign-ins need the approval of one of your devices.", "Les nouvelles connexions demandent l’approbation d’un de vos appareils.";
    ApprovalIsOff: "New sign-ins need no approval. /approval on changes that.", "Les nouvelles connexions ne demandent pas d’approbation. /approbation oui change cela.";
    ApprovalAsked: "“{0}” wants to sign in to your account. If that is you: /letin shows a code. If not: /refuse.", "« {0} » veut se connecter à votre compte. Si c’est vous : /laisserentrer montre un code. Sinon : /refuser.";
    ApprovalElsewhere: "“{0}” is being let in on another of your devices.", "« {0} » est en train d’être accepté sur un autre de vos appareils.";
    ApprovalCode: "{0} — does “{1}” show the same? Then /letin. If not, or if that is not you: /refuse.", "{0} — « {1} » montre la même chose ? Alors /laisserentrer. Sinon, ou si ce n’est pas vous : /refuser.";
    ApprovalDiffers: "What came from “{0}” does not fit: somebody may stand between. /refuse.", "Ce qui vient de « {0} » ne correspond pas : quelqu’un est peut-être entre les deux. /refuser.";
    ApprovalOthers: "Others wait, too: {0}. /letin and the number turns to one.", "D’autres attendent aussi : {0}. /laisserentrer et le numéro passe à l’un d’eux.";
    NobodyWaits: "Nobody waits to be let in.", "Personne n’attend pour entrer.";
    LetIn: "Let in.", "Accepté.";
    Refused: "Refused. If that was not you, somebody knows your passphrase: /passphrase chooses another one. If it was you and the codes differed, somebody may stand between: don’t try again on this network, and tell an admin.", "Refusé. Si ce n’était pas vous, quelqu’un connaît votre phrase secrète : /phrase en choisit une autre. Si c’était vous et que les codes différaient, quelqu’un est peut-être entre les deux : ne réessayez pas sur ce réseau et prévenez un administrateur.";
    WaitsTitle: "Waiting for one of your devices", "En attente d’un de vos appareils";
    WaitsHow: "Open ChaTalK on a device where you are signed in. It asks about this sign-in and shows a code.", "Ouvrez ChaTalK sur un appareil où vous êtes connecté. Il vous parle de cette connexion et montre un code.";
    WaitsCode: "Does your other device show the same code? Then let this one in there.", "Votre autre appareil montre-t-il le même code ? Alors laissez celui-ci entrer là-bas.";
    WaitsOrCode: "No device at hand? Go back and type your recovery code in place of the passphrase.", "Pas d’appareil sous la main ? Revenez et tapez votre code de secours à la place de la phrase secrète.";
    WaitsKeys: "Esc gives up", "Échap abandonne";
    ForgottenWaits: "Asked. Approve it with /forgotten approve on another device of yours, or ask an admin; without that it goes on {0}. /forgotten cancel takes it back.", "C’est demandé. Approuvez avec /oubliée approuver sur un autre de vos appareils, ou demandez à un administrateur ; sinon, cela continue {0}. /oubliée annuler y renonce.";
    ForgottenReady: "You may set a new passphrase now: /forgotten", "Vous pouvez maintenant choisir une nouvelle phrase secrète : /oubliée";
    ForgottenElsewhere: "“{0}” asks for a new passphrase for your account. If that is you: /forgotten approve. If not: /forgotten cancel, and sign that device out: /devices", "« {0} » demande une nouvelle phrase secrète pour votre compte. Si c’est vous : /oubliée approuver. Sinon : /oubliée annuler, et déconnectez cet appareil : /appareils";
    ForgottenElsewhereApproved: "“{0}” may set a new passphrase for your account now. If that is not you: /forgotten cancel, and sign that device out: /devices", "« {0} » peut maintenant choisir une nouvelle phrase secrète pour votre compte. Si ce n’est pas vous : /oubliée annuler, et déconnectez cet appareil : /appareils";
    ForgottenOthers: "Forgot their passphrase and ask an admin to approve a new one: {0}. Make sure that it is them, in person or on the phone; then /forgotten approve NAME", "Ont oublié leur phrase secrète et demandent à un administrateur d’en approuver une nouvelle : {0}. Assurez-vous que c’est bien elles ou eux, face à face ou au téléphone ; puis /oubliée approuver NOM";
    ForgottenApproved: "Approved.", "Approuvé.";
    ForgottenGone: "Nobody asks for a new passphrase any more.", "Plus personne ne demande de nouvelle phrase secrète.";
    ForgottenHow: "/forgotten alone asks for a new passphrase; /forgotten approve, /forgotten cancel answer; /forgotten approve NAME is for admins.", "/oubliée seul demande une nouvelle phrase secrète ; /oubliée approuver, /oubliée annuler y répondent ; /oubliée approuver NOM est pour les administrateurs.";
    ForgottenSure: "Have you asked {0}, in person or on the phone? Whoever asks for this gets into their account. /yes approves it.", "Avez-vous demandé à {0}, face à face ou au téléphone ? La personne qui le demande entre dans son compte. /oui approuve.";
    AsksNothing: "{0} does not ask for a new passphrase.", "{0} ne demande pas de nouvelle phrase secrète.";
    BeginAnewTitle: "A new beginning", "Un nouveau départ";
    FieldResetLink: "Reset link", "Lien de réinitialisation";
    RecoveryChanged: "Your recovery code was changed on another device ({0}). If that was you: /yes. If not: /signout others, and tell your admin at once.", "Votre code de secours a été changé sur un autre appareil ({0}). Si c’était vous : /oui. Sinon : /déconnecter autres, et prévenez tout de suite votre administrateur.";

    // working
    MakingKeys: "Making your keys…", "Création de vos clés…";
    Unlocking: "Unlocking your messages…", "Déverrouillage de vos messages…";
    Opening: "Opening the conversation…", "Ouverture de la conversation…";
    Working: "One moment…", "Un instant…";

    // home
    Conversations: "Conversations", "Conversations";
    NoConversations: "No conversations yet.", "Pas encore de conversation.";
    NoConversationsHelp: "/find NAME looks for somebody, /talk NAME opens a conversation, /invite brings somebody in, /help shows the rest.", "/chercher NOM trouve quelqu’un, /parler NOM ouvre une conversation, /inviter fait venir quelqu’un, /aide montre le reste.";
    ChooseConversation: "Choose a conversation: Tab, Alt-↑ or Alt-↓, or /talk NAME", "Choisissez une conversation : Tab, Alt-↑ ou Alt-↓, ou /parler NOM";
    NotReady: "Opening…", "Ouverture…";
    NothingYet: "No messages yet. Say hello.", "Pas encore de message. Dites bonjour.";
    Unread: "{0} unread", "{0} non lus";
    UnreadElsewhere: "{0} more unread", "{0} autres non lus";
    SuspendedMark: "suspended", "suspendu";
    Verified: "verified", "vérifié";
    Restoring: "Your access to this conversation is being restored: somebody else in it must be online for that.", "Votre accès à cette conversation est en train d’être rétabli : il faut pour cela qu’une autre personne de la conversation soit en ligne.";
    Outdated: "This conversation needs a newer version of the app. Update it to read on and to write; what you have stays.", "Cette conversation demande une version plus récente de l’application. Mettez-la à jour pour continuer à lire et pour écrire ; ce que vous avez est gardé.";
    Broken: "Something in this conversation does not verify. Writing is stopped; what is shown above is sound.", "Quelque chose dans cette conversation ne se vérifie pas. L’écriture est arrêtée ; ce qui est affiché ci-dessus est sûr.";
    NoLongerIn: "you are no longer in it", "vous n’y êtes plus";
    Beginning: "This is the beginning of the conversation.", "C’est le début de la conversation.";
    LoadingOlder: "Loading older messages…", "Chargement des messages plus anciens…";
    OlderThere: "PgUp: older messages", "PgUp : messages plus anciens";
    NewMessages: "New messages", "Nouveaux messages";
    MoreBelow: "↓ PgDn: newer messages", "↓ PgDn : messages plus récents";
    ServerTime: "{0}, server {1}", "{0}, serveur {1}";
    You: "you", "vous";
    ItemCreated: "{0} started the conversation", "{0} a commencé la conversation";
    ItemAdded: "{0} added {1}", "{0} a ajouté {1}";
    ItemRestored: "The access of {1} was restored by {0}", "L’accès de {1} a été rétabli par {0}";
    ItemRemoved: "{0} removed {1}", "{0} a retiré {1}";
    ItemLeft: "{0} left", "{0} est parti";
    ItemComplaint: "The app of {0} could not read the last change", "L’application de {0} n’a pas pu lire la dernière modification";
    ItemComplaintAbout: "The app of {0} could not read the last change by {1}", "L’application de {0} n’a pas pu lire la dernière modification faite par {1}";
    ItemRestarted: "{0} started the conversation anew", "{0} a recommencé la conversation";
    ItemRenewed: "The encryption of this conversation was renewed", "Le chiffrement de cette conversation a été renouvelé";
    ItemRestartedWithout: "{0} started the conversation anew, without {1}", "{0} a recommencé la conversation, sans {1}";
    ItemUnreadable: "Something by {0} can’t be read on this device", "Quelque chose de {0} ne peut pas être lu sur cet appareil";
    Stuck: "The last change by {0} can’t be read on this device. What you write waits until an admin starts the conversation anew.", "La dernière modification faite par {0} ne peut pas être lue sur cet appareil. Ce que vous écrivez attend qu’un admin recommence la conversation.";
    StuckAlone: "The last change by {0} can’t be read on this device. Others can read it: your access is being restored.", "La dernière modification faite par {0} ne peut pas être lue sur cet appareil. D’autres le peuvent : votre accès est en train d’être rétabli.";
    StuckByItself: "The last change by {0} can’t be read. The conversation starts anew by itself in a moment; nothing is lost.", "La dernière modification faite par {0} ne peut pas être lue. La conversation recommence d’elle-même dans un instant ; rien n’est perdu.";
    StuckAsked: "The last change by {0} can’t be read by your device. Start the conversation anew? /restart yes or /restart no", "La dernière modification faite par {0} ne peut pas être lue par votre appareil. Recommencer la conversation ? /recommencer oui ou /recommencer non";
    StuckAskedWithout: "The last change by {0} can’t be read by your device. Start the conversation anew without {0}? /restart yes or /restart no", "La dernière modification faite par {0} ne peut pas être lue par votre appareil. Recommencer la conversation sans {0} ? /recommencer oui ou /recommencer non";
    StuckPutOff: "The last change by {0} can’t be read by your device. You are waiting; /restart yes starts the conversation anew at any time.", "La dernière modification faite par {0} ne peut pas être lue par votre appareil. Vous attendez ; /recommencer oui recommence la conversation à tout moment.";
    StuckStarted: "The last change by {0} can’t be read. You are starting the conversation anew…", "La dernière modification faite par {0} ne peut pas être lue. Vous recommencez la conversation…";
    NotStuck: "There is nothing to start anew here.", "Il n’y a rien à recommencer ici.";
    ItemRelinked: "{0} repaired the way back to earlier messages", "{0} a réparé le chemin vers les messages précédents";
    ItemAccountClosed: "The server says that the account of {0} was closed", "Le serveur dit que le compte de {0} a été fermé";
    ItemSuccessor: "{0} is an admin now, because the last one left", "{0} est maintenant admin, car le dernier est parti";
    ItemTitle: "{0} named the group “{1}”", "{0} a nommé le groupe « {1} »";
    ItemPicture: "{0} changed the group’s picture", "{0} a changé l’image du groupe";
    ItemNoPicture: "{0} took the group’s picture away", "{0} a retiré l’image du groupe";
    ItemReader: "{0} lets {1} only read", "{0} ne laisse que lire {1}";
    ItemMember: "{0} made {1} a member", "{0} a fait de {1} un membre";
    ItemAdmin: "{0} made {1} an admin", "{0} a fait de {1} un admin";
    ItemOwner: "{0} made {1} an owner", "{0} a fait de {1} un propriétaire";
    ItemAnnouncements: "{0} lets only admins write", "{0} ne laisse écrire que les admins";
    ItemNoAnnouncements: "{0} lets everybody write", "{0} laisse écrire tout le monde";
    ItemEarlier: "{0} lets new members see earlier messages", "{0} laisse voir les messages précédents aux nouveaux membres";
    ItemNoEarlier: "{0} keeps earlier messages from new members", "{0} ne montre pas les messages précédents aux nouveaux membres";
    ItemTimer: "{0} set messages to disappear after {1}", "{0} fait disparaître les messages après {1}";
    ItemNoTimer: "{0}: messages no longer disappear", "{0} : les messages ne disparaissent plus";
    Timer1h: "1 hour", "1 heure";
    Timer8h: "8 hours", "8 heures";
    Timer1d: "1 day", "1 jour";
    Timer1w: "1 week", "1 semaine";
    Timer4w: "4 weeks", "4 semaines";
    Timer1y: "1 year", "1 an";
    TimerHours: "{0} hours", "{0} heures";
    TimerOn: "disappear after {0}", "disparaissent après {0}";
    AddingMany: "adding people: {0} of {1}", "ajout de personnes : {0} sur {1}";
    ItemKeys: "{0} renewed their keys", "{0} a renouvelé ses clés";
    ItemNewer: "Update the app to see this.", "Mettez l’application à jour pour voir ceci.";
    ItemRemovedByServer: "The server no longer gives this message, and its author did not remove it.", "Le serveur ne donne plus ce message, et son auteur ne l’a pas retiré.";
    ItemUnverified: "This does not verify and is not shown.", "Ceci ne se vérifie pas et n’est pas affiché.";
    WriteHere: "Write a message, or /help", "Écrivez un message, ou /aide";
    WriteCommand: "/help shows what you can do", "/aide montre ce que vous pouvez faire";

    // notices
    DeviceSignedIn: "Another device signed in to your account: {0} ({1}). If that was you: /yes. If not: /devices shows it, /signout and its number shuts it out; then choose another passphrase at once: /passphrase", "Un autre appareil s’est connecté à votre compte : {0} ({1}). Si c’était vous : /oui. Sinon : /appareils le montre, /déconnecter et son numéro le met dehors ; puis choisissez tout de suite une autre phrase secrète : /phrase";
    MoreSignIns: "Others signed in before it, too: {0}.", "D’autres se sont connectés avant lui : {0}.";
    PassphraseChanged: "Your passphrase was changed on another device ({0}). If that was you: /yes. If not: /signout others, and tell your admin at once.", "Votre phrase secrète a été changée sur un autre appareil ({0}). Si c’était vous : /oui. Sinon : /déconnecter autres, et prévenez tout de suite votre administrateur.";
    IdentityChanged: "The identity of {0} has changed: a new installation, or somebody else. Compare with /safety, by voice or in person; then /accept to write again.", "L’identité de {0} a changé : une nouvelle installation, ou quelqu’un d’autre. Comparez avec /sûreté, de vive voix ou en personne ; puis /accepter pour écrire de nouveau.";
    IdentityConfirmed: "{0} has a new passphrase, confirmed by a device they already used. /accept to write again; /safety compares.", "{0} a une nouvelle phrase secrète, confirmée par un appareil déjà utilisé. /accepter pour écrire de nouveau ; /sûreté compare.";
    IdentityReset: "An administrator of your organisation reset {0}’s access; the server says so. Ask {0} by voice or in person, compare with /safety, then /accept.", "Un administrateur de votre organisation a réinitialisé l’accès de {0} ; c’est le serveur qui le dit. Demandez à {0} de vive voix ou en personne, comparez avec /sûreté, puis /accepter.";
    IdentityAccepted: "You accepted the new identity of {0}.", "Vous avez accepté la nouvelle identité de {0}.";
    NothingToAccept: "There is no changed identity in this conversation.", "Aucune identité n’a changé dans cette conversation.";
    IdentityOnceMore: "The identity of {0} has changed once more since you looked. Nothing was accepted. Compare again with /safety, by voice or in person; then /accept", "L’identité de {0} a encore changé depuis que vous avez regardé. Rien n’a été accepté. Comparez de nouveau avec /sûreté, de vive voix ou en personne ; puis /accepter";
    SafetyFirst: "Look at the number first: /safety NAME", "Regardez d’abord le numéro : /sûreté NOM";
    OtherNumber: "The number of {0} is another one by now. Nothing was marked: compare this one.", "Le numéro de {0} n’est plus le même. Rien n’a été noté : comparez celui-ci.";
    NeedsVerdict: "Say whether it is the same: {0}, or {0} no", "Dites s’il est identique : {0}, ou {0} non";
    NowVerified: "You have verified {0}. If the identity ever changes, you are told.", "Vous avez vérifié l’identité de {0}. Si elle change un jour, vous le saurez.";
    NotVerified: "{0} is not marked as verified any more.", "{0} n’est plus noté comme vérifié.";
    NothingAsked: "Nothing is being asked.", "Aucune question n’est posée.";
    UnknownCommand: "There is no command {0}. /help shows them all.", "Il n’y a pas de commande {0}. /aide les montre toutes.";
    NeedsName: "Say whom: {0} NAME", "Dites qui : {0} NOM";
    NoSuchName: "Nobody by the name of {0}. /find alone lists everybody.", "Personne du nom de {0}. /chercher seul montre tout le monde.";
    NoSuchNumber: "There is no number {0}.", "Il n’y a pas de numéro {0}.";
    SeveralNames: "Several people have that name. Choose: {0} 1, {0} 2, …", "Plusieurs personnes portent ce nom. Choisissez : {0} 1, {0} 2, …";
    SeveralByLogin: "Several people have the name {0}. Say whom by login name.", "Plusieurs personnes portent le nom {0}. Dites qui, par nom de connexion.";
    ThatIsYou: "That is you.", "C’est vous.";
    NoConversationOpen: "Open a conversation first: /talk NAME", "Ouvrez d’abord une conversation : /parler NOM";
    SafetyWithWhom: "Say whom: /safety NAME", "Dites qui : /sûreté NOM";
    NoGroupOpen: "Open a group first, or make one: /group NAME NAME", "Ouvrez d’abord un groupe, ou créez-en un : /groupe NOM NOM";
    NeedsNames: "Say whom: {0} NAME NAME. A name with blanks stands between quotes: “Anna Lind”, or commas stand between the names.", "Dites qui : {0} NOM NOM. Un nom avec des espaces se met entre guillemets : « Anna Lind », ou les noms se séparent par des virgules.";
    LeaveSure: "Leave “{0}”? You read nothing more of it then, and only an admin can add you again. /yes leaves. Esc: no.", "Quitter « {0} » ? Vous ne lirez alors plus rien de ce groupe, et seul un admin pourra vous y ajouter de nouveau. /oui le quitte. Échap : non.";
    NeedsTitle: "Say what it is called: {0} TITLE", "Dites comment il s’appelle : {0} TITRE";
    NeedsChoice: "Say on or off: {0} on", "Dites oui ou non : {0} oui";
    NeedsTimer: "Say after how long: {0} 1h, 8h, 1d, 1w, 4w, 1y or off", "Dites après combien de temps : {0} 1h, 8h, 1j, 1s, 4s, 1a ou non";
    NotInGroup: "{0} is not in this group. /who shows who is.", "{0} n’est pas dans ce groupe. /qui montre qui y est.";
    NoSafety: "There is no safety number with {0} yet: open a conversation first.", "Pas encore de numéro de sûreté avec {0} : ouvrez d’abord une conversation.";
    TooLong: "That message is too long: 16,384 bytes of text at most.", "Ce message est trop long : 16 384 octets de texte au plus.";
    ChangingKeys: "changing your keys: {0} of {1} conversations", "changement de vos clés : {0} conversations sur {1}";
    ChangingKeysHow: "You can go on writing. It continues by itself. If it does not move: see that you are online; it goes on when you start again here, or on any other of your devices.", "Vous pouvez continuer à écrire. Cela se poursuit tout seul. Si cela n’avance plus : vérifiez que vous êtes en ligne ; cela reprend au prochain démarrage ici, ou sur un autre de vos appareils.";
    KeysChanged: "Your keys are changed in all conversations.", "Vos clés sont changées dans toutes les conversations.";
    NoSuchDevice: "There is no device {0}: /devices shows them.", "Il n’y a pas d’appareil {0} : /appareils les montre.";
    DevicesFirst: "These are your devices. /signout and a number signs one out.", "Voici vos appareils. /déconnecter et un numéro en déconnecte un.";
    SignOutSure: "Sign out of this device? What ChaTalK keeps here is removed. Your messages stay, sealed, on the server: name and passphrase bring them back. {0}/yes signs out.", "Se déconnecter de cet appareil ? Ce que ChaTalK garde ici est supprimé. Vos messages restent, scellés, sur le serveur : nom et phrase secrète les ramènent. {0}/oui déconnecte.";
    LostOne: "In {0} conversation, something of yours has not been sent yet. It would be lost.", "Dans {0} conversation, quelque chose de vous n’est pas encore parti. Ce serait perdu.";
    LostMany: "In {0} conversations, something of yours has not been sent yet. It would be lost.", "Dans {0} conversations, quelque chose de vous n’est pas encore parti. Ce serait perdu.";
    SignOutSureOf: "Really sign out “{0}” (since {1})? It reads nothing more then: your keys are changed. /yes does it.", "Vraiment déconnecter « {0} » (depuis : {1}) ? Il ne lit alors plus rien : vos clés sont changées. /oui le fait.";
    SignOutOthersSure: "Really sign out all other devices? They read nothing more then: your keys are changed. /yes does it.", "Vraiment déconnecter tous les autres appareils ? Ils ne lisent alors plus rien : vos clés sont changées. /oui le fait.";
    DeviceSignedOut: "Signed out: it is shut out, and your keys are being changed. If it was stolen, or somebody knows your passphrase: /passphrase, and answer yes.", "Déconnecté : il est dehors, et vos clés sont en train d’être changées. S’il a été volé, ou si quelqu’un connaît votre phrase secrète : /phrase, et répondez oui.";
    OthersSignedOut: "This is the only device now, and your keys are being changed. If somebody knows your passphrase: /passphrase, and answer yes.", "Cet appareil est maintenant le seul, et vos clés sont en train d’être changées. Si quelqu’un connaît votre phrase secrète : /phrase, et répondez oui.";
    LeftHere: "You are signed out. What was kept on this device is removed.", "Vous êtes déconnecté. Ce qui était gardé sur cet appareil est supprimé.";
    LeftUnheard: "What was kept on this device is removed, but the server could not be told. Sign this device out on another one of yours.", "Ce qui était gardé sur cet appareil est supprimé, mais le serveur n’a pas pu être prévenu. Déconnectez cet appareil depuis un autre des vôtres.";

    // panels
    PanelClose: "Esc closes this.", "Échap ferme ceci.";
    PanelScroll: "PgUp/PgDn scroll, Esc closes this.", "PgUp/PgDn défilent, Échap ferme ceci.";
    HelpTitle: "Help", "Aide";
    HelpTalk: "/talk NAME|opens a conversation", "/parler NOM|ouvre une conversation";
    HelpFind: "/find NAME|looks for people; alone: everybody", "/chercher NOM|cherche des gens ; seul : tout le monde";
    HelpInvite: "/invite|makes an invitation link", "/inviter|crée un lien d’invitation";
    HelpSwitch: "/switch N|goes to conversation N; also Tab, Alt-↑, Alt-↓", "/aller N|va à la conversation N ; aussi Tab, Alt-↑, Alt-↓";
    HelpList: "/list|shows the conversations", "/liste|montre les conversations";
    HelpWho: "/who|shows who is in this conversation", "/qui|montre qui est dans cette conversation";
    HelpGroup: "/group NAME NAME|makes a group; names with blanks: “Anna Lind”, Ben, or commas; /title TITLE names it; its picture is chosen in the web app", "/groupe NOM NOM|crée un groupe ; noms avec espaces : « Anna Lind » Ben, ou des virgules ; /titre TITRE le nomme ; son image se choisit dans l’application web";
    HelpAdd: "/add NAME NAME, /remove NAME|changes who is in the group", "/ajouter NOM NOM, /retirer NOM|change qui est dans le groupe";
    HelpRoles: "/owner, /admin, /member, /reader NAME|says what somebody may do in the group", "/propriétaire, /admin, /membre, /lecteur NOM|dit ce que quelqu’un peut faire dans le groupe";
    HelpLeave: "/leave|leaves the group", "/partir|quitte le groupe";
    HelpRules: "/announcements, /earlier on, off|only admins write; newcomers see earlier messages, back to the last time somebody was added who was not to see them", "/annonces, /avant oui, non|seuls les admins écrivent ; les nouveaux voient ce qui précède, jusqu’au dernier ajout de quelqu’un qui ne devait pas le voir";
    HelpApproval: "/approval on, off|new sign-ins need one of your devices; /letin, /refuse answer one", "/approbation oui, non|toute nouvelle connexion demande un de vos appareils ; /laisserentrer, /refuser y répondent";
    HelpForgotten: "/forgotten, /forgotten approve, /forgotten cancel|a new passphrase when the old one is forgotten", "/oubliée, /oubliée approuver, /oubliée annuler|une nouvelle phrase quand l’ancienne est oubliée";
    HelpRestart: "/restart yes, no|start anew where a change can’t be read, or wait", "/recommencer oui, non|recommencer là où une modification ne peut pas être lue, ou attendre";
    HelpHide: "/hide|puts a conversation with one person out of sight until something is written, or /talk NAME; a group that is over stays away", "/masquer|ôte de la vue une conversation à deux jusqu’à ce qu’on y écrive, ou /parler NOM ; un groupe terminé n’y revient pas";
    NotHidden: "You are in this group: it can be left, not hidden.", "Vous êtes dans ce groupe : on peut le quitter, pas le masquer.";
    HelpTimer: "/timer 1h, 8h, 1d, 1w, 4w, 1y, off|new messages disappear after that time", "/minuteur 1h, 8h, 1j, 1s, 4s, 1a, non|les nouveaux messages disparaissent après ce temps";
    HelpSafety: "/safety NAME|the number to compare with somebody", "/sûreté NOM|le numéro à comparer avec quelqu’un";
    HelpAccept: "/accept|goes on with a changed identity; after /safety, only with the one that was shown", "/accepter|continue avec une identité changée ; après /sûreté, seulement avec celle qui était montrée";
    HelpSuspend: "/suspend, /readmit NAME|as an admin of the organisation: lets somebody in no more, or again", "/suspendre, /réadmettre NOM|comme admin de l’organisation : ne laisse plus entrer quelqu’un, ou de nouveau";
    HelpReset: "/reset NAME|as an admin of the organisation: a link for who has lost every way in", "/réinitialiser NOM|comme admin de l’organisation : un lien pour qui n’a plus aucun moyen d’entrer";
    HelpApprove: "/forgotten approve NAME|as an admin of the organisation: approves a new passphrase that somebody asks for", "/oubliée approuver NOM|comme admin de l’organisation : approuve la nouvelle phrase que quelqu’un demande";
    HelpVerified: "/verified, /verified no|notes that the number on the screen is the same for both of you, or not any more", "/vérifié, /vérifié non|note que le numéro à l’écran est identique pour vous deux, ou ne l’est plus";
    HelpDevices: "/devices|shows where you are signed in", "/appareils|montre où vous êtes connecté";
    HelpSignOut: "/signout, /signout N, /signout others|signs out this device, device N, or all others; /yes confirms", "/déconnecter, /déconnecter N, /déconnecter autres|déconnecte cet appareil, l’appareil N, ou tous les autres ; /oui confirme";
    HelpPassphrase: "/passphrase, /passphrase code|a new passphrase by the old one, or by the recovery code", "/phrase, /phrase code|une nouvelle phrase secrète par l’ancienne, ou par le code de secours";
    HelpRecovery: "/recovery, /recovery off|makes a recovery code, or removes it", "/secours, /secours non|crée un code de secours, ou le supprime";
    HelpQuit: "/quit|quits; also Ctrl-C", "/quitter|quitte ; aussi Ctrl-C";
    HelpPages: "PgUp, PgDn|older and newer messages; End: the newest", "PgUp, PgDn|messages plus anciens, plus récents ; Fin : le dernier";
    HelpEdit: "Ctrl-W, Ctrl-U|delete the word, the line; Alt-Enter: new line", "Ctrl-W, Ctrl-U|effacent le mot, la ligne ; Alt-Entrée : à la ligne";
    HelpSlash: "//|sends a message that begins with /", "//|envoie un message qui commence par /";
    HelpStates: "◷ waiting · ✓ sent · ✓✓ delivered · {0} read", "◷ en attente · ✓ envoyé · ✓✓ distribué · {0} lu";
    HelpUnaudited: "ChaTalK is unaudited: nobody from outside has checked its security yet.", "ChaTalK n’est pas audité : personne d’extérieur n’a encore vérifié sa sécurité.";
    InvitationTitle: "Invitation", "Invitation";
    InvitationIntro: "Send this link to one person, over a channel that only they read. It works once, until {0}.", "Envoyez ce lien à une personne, par un moyen qu’elle seule lit. Il sert une fois, jusqu’au {0}.";
    InvitationHow: "They start: chatalk chat --invitation 'LINK'", "Cette personne lance : chatalk chat --invitation 'LIEN'";
    InvitationOnce: "Valid once, for 7 days.", "Valable une fois, pendant 7 jours.";
    MakingInvitation: "Making an invitation…", "Création d’une invitation…";
    PeopleTitle: "People", "Membres";
    FoundOne: "{0} person found", "{0} personne trouvée";
    FoundMany: "{0} people found", "{0} personnes trouvées";
    PeopleHow: "/talk and a number opens a conversation.", "/parler et un numéro ouvre une conversation.";
    WhoTitle: "In this conversation", "Dans cette conversation";
    SafetyTitle: "Safety number with {0}", "Numéro de sûreté avec {0}";
    SafetyHow: "Compare it with theirs, by voice or in person. If both are the same, nobody is between you.", "Comparez-le avec le sien, de vive voix ou en personne. S’ils sont identiques, personne n’est entre vous.";
    SafetyMark: "Are all of them the same? /verified marks that.", "Tout est identique ? /vérifié le note.";
    SafetyVerified: "✓ You have compared this already. /verified no takes the mark away.", "✓ Vous l’avez déjà comparé. /vérifié non retire la marque.";
    DevicesTitle: "Your devices", "Vos appareils";
    ThisDevice: "this device", "cet appareil";
    DeviceSeen: "Last connected: {0}", "Dernière connexion : {0}";
    DeviceSince: "Signed in: {0}", "Compte ouvert : {0}";
    DevicesHow: "/signout N signs one out, /signout others all but this one, /signout this one.", "/déconnecter N en déconnecte un, /déconnecter autres tous sauf celui-ci, /déconnecter celui-ci.";
    DevicesStolen: "Signing one out changes your keys, so that it can’t read on. If it was stolen, choose a new passphrase as well (/passphrase) and answer that somebody may know the old one: then it can’t pass for you either.", "Déconnecter un appareil change vos clés : il ne peut plus lire la suite. S’il a été volé, choisissez aussi une nouvelle phrase secrète (/phrase) et répondez que quelqu’un connaît peut-être l’ancienne : il ne pourra pas non plus se faire passer pour vous.";
    ResetTitle: "Reset the access of {0}", "Réinitialiser l’accès de {0}";
    ResetMeans: "For when {0} has lost passphrase, recovery code and every device. It can’t be undone once the link is used.", "Pour quand {0} a perdu phrase secrète, code de secours et tous ses appareils. On ne peut pas revenir en arrière une fois le lien utilisé.";
    ResetDevices: "The devices of {0} are signed out then, and nothing that they could read until now can be opened by them any more.", "Les appareils de {0} sont alors déconnectés, et rien de ce que cette personne pouvait lire jusqu’ici ne lui est plus accessible.";
    ResetOthers: "Everybody who writes with {0} is told that the identity changed, and has to accept it first.", "Toutes les personnes qui écrivent avec {0} apprennent que son identité a changé, et doivent d’abord l’accepter.";
    ResetReads: "{0} reads what is said in their conversations from the moment that somebody in them has accepted.", "{0} lit ce qui se dit dans ses conversations à partir du moment où quelqu’un, dans chacune, a accepté.";
    ResetReally: "Make sure that it is really {0} who asks for this.", "Assurez-vous que c’est bien {0} qui le demande.";
    ResetSure: "Make the link for {0}? /yes makes it. Esc: not now.", "Créer le lien pour {0} ? /oui le crée. Échap : pas maintenant.";
    MakingLink: "Making the link…", "Création du lien…";
    ResetHandOver: "Hand this to {0} yourself, over something that only they see. Whoever opens it becomes {0}. It is shown this once.", "Remettez ceci vous-même à {0}, par un moyen que personne d’autre ne voit. Qui l’ouvre devient {0}. Il n’est montré que cette fois.";
    ResetOnce: "It can be used once, until: {0}. Another one takes its place.", "Il sert une seule fois. Il expire : {0}. Un autre prend sa place.";
    ResetHow: "They open it in a browser; or in a terminal (chatalk chat) they choose to sign in, and paste it in place of the passphrase.", "Cette personne l’ouvre dans un navigateur ; ou, dans un terminal (chatalk chat), elle choisit de se connecter et le colle à la place de la phrase secrète.";

    // failures
    FailedInviting: "No invitation was made.", "Aucune invitation n’a été créée.";
    FailedFinding: "The search did not work.", "La recherche n’a pas marché.";
    FailedOpening: "The conversation could not be opened.", "La conversation n’a pas pu être ouverte.";
    FailedGroup: "The group could not be made.", "Le groupe n’a pas pu être créé.";
    FailedChange: "The group could not be changed.", "Le groupe n’a pas pu être modifié.";
    FailedSending: "The message was not sent.", "Le message n’est pas parti.";
    MemberChanged: "Done.", "C’est fait.";
    MemberSuspended: "The account of {0} is suspended now.", "Le compte de {0} est maintenant suspendu.";
    MemberReadmitted: "The account of {0} is no longer suspended.", "Le compte de {0} n’est plus suspendu.";
    MeantSure: "Nobody is called exactly “{0}”. Do you mean {1}? /yes. Esc: no.", "Personne ne s’appelle exactement « {0} ». S’agit-il de {1} ? /oui. Échap : non.";
    RemoveSure: "Remove {0} from “{1}”? They read nothing that is written from then on. /yes removes them. Esc: no.", "Retirer {0} de « {1} » ? Cette personne ne lira rien de ce qui s’écrira ensuite. /oui la retire. Échap : non.";
    StepDownSure: "You would no longer be an admin of “{1}”; only another admin can make you one again. /yes gives it up. Esc: no.", "Vous ne seriez plus admin de « {1} » ; seul un autre admin peut vous nommer de nouveau. /oui y renonce. Échap : non.";
    FailedMember: "That was not done.", "Cela n’a pas été fait.";
    FailedSigningOut: "The device was not signed out.", "L’appareil n’a pas été déconnecté.";
    FailedDevices: "The devices can’t be shown.", "Les appareils ne peuvent pas être montrés.";
    FailedVerdict: "Nothing was noted.", "Rien n’a été noté.";
    FailedLoading: "Older messages could not be loaded.", "Les messages plus anciens n’ont pas pu être chargés.";
    FailedPassphrase: "The passphrase was not changed.", "La phrase secrète n’a pas été changée.";
    FailedRecovery: "The recovery code was not changed.", "Le code de secours n’a pas été changé.";
    FailPassphrase: "That is not your passphrase.", "Ce n’est pas votre phrase secrète.";
    FailResetLink: "That is not a reset link: copy the whole link.", "Ce n’est pas un lien de réinitialisation : copiez le lien entier.";
    FailSamePassphrase: "Choose another passphrase than the present one.", "Choisissez une autre phrase secrète que l’actuelle.";
    FailNotLetIn: "You were not let in: it was refused on one of your devices, or nobody answered in time.", "Vous n’avez pas pu entrer : un de vos appareils a refusé, ou personne n’a répondu à temps.";
    FailNoRequest: "Nobody asks for this any more.", "Plus personne ne le demande.";
    FailRecoveryCode: "That is not the recovery code of this account. A code that was replaced opens nothing.", "Ce n’est pas le code de secours de ce compte. Un code remplacé n’ouvre plus rien.";
    FailOffline: "There is no connection to the server. Try again when you are online.", "Pas de connexion au serveur. Réessayez une fois en ligne.";
    FailAlreadySignedIn: "Somebody is signed in on this device already.", "Quelqu’un est déjà connecté sur cet appareil.";
    FailSignInFirst: "Sign in first.", "Connectez-vous d’abord.";
    FailName: "That name can't be used: too long, too short, or with characters that names can't have.", "Ce nom ne convient pas : trop long, trop court, ou avec des caractères interdits dans les noms.";
    FailNoConversation: "There is no such conversation.", "Cette conversation n’existe pas.";
    FailNoPerson: "There is no such person.", "Cette personne n’existe pas.";
    FailPictureTooLarge: "That picture is too large.", "Cette image est trop grande.";
    FailNotAPicture: "That is not a picture.", "Ce n’est pas une image.";
    FailNotAllowed: "Only admins of this group may do that.", "Seuls les admins de ce groupe peuvent faire cela.";
    FailAlreadyMember: "They are in the group already.", "Ces personnes sont déjà dans le groupe.";
    FailAccountClosed: "This account was closed: nobody would read it.", "Ce compte a été fermé : personne ne le lirait.";
    FailLastAdmin: "A group keeps at least one admin: name another one first.", "Un groupe garde au moins un admin : nommez-en d’abord un autre.";
    FailUnverified: "What the server sent does not verify. Nothing was accepted from it. Tell the person who runs the server ({0}).", "Ce que le serveur a envoyé ne se vérifie pas. Rien n’en a été accepté. Prévenez la personne qui s’occupe du serveur ({0}).";
    FailText: "A message has between 1 and 16,384 bytes of text.", "Un message a entre 1 et 16 384 octets de texte.";
    FailIdentity: "An identity has changed: see /safety, then /accept.", "Une identité a changé : voyez /sûreté, puis /accepter.";
    FailStore: "This device can't save: {0}", "Cet appareil ne peut rien enregistrer : {0}";
    FailStopped: "The client has stopped. Start it again; nothing that was shown as sent is lost.", "Le client s’est arrêté. Relancez-le ; rien de ce qui était indiqué comme envoyé n’est perdu.";
    FailFull: "There is no room left on this device.", "Il n’y a plus de place sur cet appareil.";
    FailInUse: "ChaTalK is already running with this folder. Use that one, or another --folder.", "ChaTalK tourne déjà avec ce dossier. Utilisez celui-là, ou un autre --folder.";
    FailOutdated: "This was made by a newer version. Update the app.", "Ceci a été fait par une version plus récente. Mettez l’application à jour.";
    FailNewer: "This folder was written by a newer version. Update the app.", "Ce dossier a été écrit par une version plus récente. Mettez l’application à jour.";
    NeedsTerminal: "chatalk chat needs a terminal.", "chatalk chat a besoin d’un terminal.";
    Device: "Terminal", "Terminal";
    DeviceOn: "Terminal on {0}", "Terminal sur {0}";
    FailFolder: "The folder {0} can't be used: {1}", "Le dossier {0} est inutilisable : {1}";

    LinkUnreachable: "Nothing answers at that address. Is the server running, and is the address right?", "Rien ne répond à cette adresse. Le serveur tourne-t-il, et l’adresse est-elle juste ?";
    LinkSlow: "The server does not answer.", "Le serveur ne répond pas.";
    LinkNotTrusted: "This is not the server that was trusted: its certificate is another one. Nothing was sent. Ask the person who runs the server whether its certificate was made anew.", "Ce n’est pas le serveur auquel vous faisiez confiance : son certificat est un autre. Rien n’a été envoyé. Demandez à la personne qui s’en occupe si le certificat a été refait.";
    LinkCertificate: "The server's certificate is not valid for this address or at this time. Check the address and this device's clock.", "Le certificat du serveur n’est pas valable pour cette adresse ou à cette heure. Vérifiez l’adresse et l’horloge de cet appareil.";
    LinkNotAServer: "Something answers at that address, but it is not a ChaTalK server.", "Quelque chose répond à cette adresse, mais ce n’est pas un serveur ChaTalK.";

    ErrBadFrame: "The server did not understand this version of the app. Update the app or the server.", "Le serveur n’a pas compris cette version de l’application. Mettez à jour l’application ou le serveur.";
    ErrBadRequest: "The server refused the request as malformed. Update the app or the server.", "Le serveur a refusé la demande, mal formée à ses yeux. Mettez à jour l’application ou le serveur.";
    ErrUnknownMethod: "This server can't do that yet. Update the server or the app.", "Ce serveur ne sait pas encore faire cela. Mettez à jour le serveur ou l’application.";
    ErrModuleOff: "The operator of this server has switched that off.", "L’opérateur de ce serveur a désactivé cette fonction.";
    ErrTooLarge: "That is larger than this server takes.", "C’est plus gros que ce que ce serveur accepte.";
    ErrRateLimited: "Too many attempts. Wait a little, then try again.", "Trop de tentatives. Attendez un peu, puis réessayez.";
    ErrBusy: "The server is very busy. It will be tried again.", "Le serveur est très occupé. Un nouvel essai suivra.";
    ErrReadOnly: "The server can't save anything at the moment. Reading works.", "Le serveur ne peut rien enregistrer pour le moment. La lecture marche.";
    ErrInternal: "Something went wrong in the server. Its log says what.", "Une erreur s’est produite dans le serveur. Son journal dit laquelle.";
    ErrSignInFirst: "Sign in first.", "Connectez-vous d’abord.";
    ErrSessionRefused: "This device is not signed in any more. Sign in again.", "Cet appareil n’est plus connecté. Reconnectez-vous.";
    ErrAccountSuspended: "This account is suspended. Ask an administrator of your organisation.", "Ce compte est suspendu. Demandez à un administrateur de votre organisation.";
    ErrLastAdmin: "You are the only administrator of the organisation. Make somebody else one first.", "Vous êtes le seul administrateur de l’organisation. Nommez-en d’abord un autre.";
    ErrAlreadySignedIn: "This connection is signed in already.", "Cette connexion est déjà ouverte.";
    ErrForbidden: "Your role does not allow this.", "Votre rôle ne le permet pas.";
    ErrNotFound: "There is nothing of that name, or nothing that you may see.", "Il n’y a rien de ce nom, ou rien que vous puissiez voir.";
    ErrWrongNameOrPassphrase: "Name or passphrase is wrong.", "Le nom ou la phrase secrète est faux.";
    ErrWrongNameOrCode: "Name or recovery code is wrong.", "Le nom ou le code de secours est faux.";
    ErrSetUpCodeWrong: "The set-up code is wrong, or the set-up is done already. The server's terminal shows the code.", "Le code d’installation est faux, ou l’installation est déjà faite. Le terminal du serveur affiche le code.";
    ErrResetInvalid: "The reset link is unknown, used up or expired. Ask your admin for a new one.", "Le lien de réinitialisation est inconnu, déjà utilisé ou expiré. Demandez-en un autre à votre administrateur.";
    ErrRequestPending: "Another device of your account has begun this already. If it is yours and at hand, go on there. If not, end it: /forgotten cancel or /refuse, and sign that device out: /devices", "Un autre appareil de votre compte a déjà commencé. S’il est à vous et sous la main, continuez là-bas. Sinon, arrêtez-le : /oubliée annuler ou /refuser, et déconnectez cet appareil : /appareils";
    ErrApprovalNeeded: "Nobody has approved this yet, and the day of waiting is not over; or this sign-in waits for one of your devices.", "Personne ne l’a encore approuvé, et le jour d’attente n’est pas écoulé ; ou cette connexion attend un de vos appareils.";
    ErrInvitationInvalid: "The invitation is unknown, used up or expired. Ask for a new one.", "L’invitation est inconnue, déjà utilisée ou expirée. Demandez-en une autre.";
    ErrNameTaken: "That name is taken, or looks too much like one that is. Choose another.", "Ce nom est pris, ou ressemble trop à un nom pris. Choisissez-en un autre.";
    ErrNameInvalid: "That name can't be used: too long, too short, or with characters that names can't have. Choose another.", "Ce nom ne convient pas : trop long, trop court, ou avec des caractères interdits. Choisissez-en un autre.";
    ErrMemberExists: "This member is registered already. Sign in instead.", "Ce membre est déjà inscrit. Connectez-vous plutôt.";
    ErrCertificateInvalid: "The server refused a certificate of this app. Update the app or the server.", "Le serveur a refusé un certificat de cette application. Mettez à jour l’application ou le serveur.";
    ErrStretchingTooWeak: "The server wants passphrases to be protected better than this app does. Update the app.", "Le serveur veut une meilleure protection des phrases secrètes que cette application. Mettez l’application à jour.";
    ErrKeyPackageInvalid: "The server refused keys of this app. Check this device's clock.", "Le serveur a refusé des clés de cette application. Vérifiez l’horloge de cet appareil.";
    ErrKeyPackagesExhausted: "This person can't be reached anew just now. It works again when one of their devices has been online.", "Cette personne ne peut pas être jointe pour la première fois en ce moment. Cela remarchera quand un de ses appareils aura été en ligne.";
    ErrVaultConflict: "Another of your devices was quicker. It will be tried again.", "Un autre de vos appareils a été plus rapide. Un nouvel essai suivra.";
    ErrVaultInvalid: "The server refused to save your keys. Update the app or the server.", "Le serveur a refusé d’enregistrer vos clés. Mettez à jour l’application ou le serveur.";
    ErrNotAMember: "You are not in that conversation.", "Vous n’êtes pas dans cette conversation.";
    ErrConversationExists: "That conversation exists already.", "Cette conversation existe déjà.";
    ErrDirectExists: "You two have a conversation already.", "Vous avez déjà une conversation à deux.";
    ErrConversationFull: "The conversation has as many members as this server allows.", "La conversation a autant de membres que ce serveur le permet.";
    ErrEpochMoved: "The conversation changed meanwhile. It will be tried again.", "La conversation a changé entre-temps. Un nouvel essai suivra.";
    ErrComplainedOf: "Others could not read your last change, so you can't make another yet. It works again when somebody else has changed something, or an admin has started anew.", "D’autres n’ont pas pu lire votre dernier changement, vous ne pouvez donc pas encore en faire un autre. Cela ira de nouveau quand quelqu’un d’autre aura changé quelque chose, ou quand un admin aura recommencé.";
    ErrCommitRefused: "The server refused the change of the conversation.", "Le serveur a refusé le changement de la conversation.";
    ErrMessageIdReused: "The server refused a message whose number was used before.", "Le serveur a refusé un message dont le numéro avait déjà servi.";
    ErrExpired: "That took too long. Start again.", "Cela a pris trop de temps. Recommencez.";
    ErrUnknown: "An error that this version does not know. Update the app.", "Une erreur que cette version ne connaît pas. Mettez l’application à jour.";
}
